import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { awsPlace, roleOf } from "./aws/roles.ts";
import type { Acme } from "./demo.ts";

/** What a POSIX shell starts, and what cmd.exe does. The demo's editor has a home of its own, which cmd.exe finds by name. */
const posixHelper = '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers';
const windowsHome = process.platform === "win32" ? "%LANYARD_HOME%" : String.raw`%USERPROFILE%\.lanyard`;
const posixBridge = 'exec "${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" bridge ';
const windowsHelper = String.raw`"${windowsHome}\bin\lanyard" headers`;
/** No client sends a line feed: where the helper gives nothing, nothing goes out. Each source here sets this header. */
const guard = { Authorization: "No credential.\nOpen this folder in VS Code and sign in with Lanyard." };
const sentryScript = "./scripts/get-sentry-headers.sh";
const sentryBatch = String.raw`scripts\get-sentry-headers.cmd`;

/** Writes the folder that a developer at Acme would have cloned: connectors, the team's script, a README. */
export const writeWorkspace = async (demo: Acme, folder: string): Promise<void> => {
  const script = join(folder, sentryScript);
  await mkdir(join(folder, "scripts"), { recursive: true });
  await writeFile(join(folder, ".mcp.json"), `${textOf(mcpJson(demo))}\n`);
  await writeFile(join(folder, "README.md"), readme(demo));
  await writeFile(script, sentryHeaders(demo));
  await chmod(script, 0o755);
  await writeFile(join(folder, "scripts/get-sentry-headers.cmd"), sentryBatchText);
  await writeFile(join(folder, "scripts/get-sentry-headers.mjs"), sentryHeadersByNode(demo));
};

/** With a slash of the variable's default as an escape: VS Code warns of `${LANYARD_HOME` where it finds it undecoded. */
const textOf = (value: object): string =>
  JSON.stringify(value, undefined, 2).replaceAll("$HOME/.lanyard}", String.raw`$HOME\/.lanyard}`);

const mcpJson = (demo: Acme): object => ({
  mcpServers: Object.fromEntries(demo.connectors.map(({ name, url }) => [name, entry(demo, name, url)])),
});

const entry = (demo: Acme, name: string, url: string): object => {
  const credential = credentialOf(demo, name, url);
  const userAuth = {
    issuer: demo.idp,
    clientId: "lanyard",
    scopes: "openid profile email",
    events: `${demo.vault}/events`,
    ...(credential === undefined ? {} : { credential }),
  };
  if (name === bridged) return { ...bridgeTo(name), userAuth: { url, ...userAuth }, headers: guard };
  const [sh, cmd] = name === "sentry" ? [` -- ${sentryScript}`, ` -- ${sentryBatch}`] : ["", ""];
  return {
    ...{ type: "http", url, userAuth, headers: guard },
    headersHelper: `${posixHelper}${sh} || ${windowsHelper}${cmd}`,
  };
};

/** The one that every client starts: each of its requests is signed, which nobody could who takes headers away. */
const bridged = "platform";

const bridgeTo = (name: string): object =>
  process.platform === "win32"
    ? { command: "cmd", args: ["/d", "/c", String.raw`${windowsHome}\bin\lanyard`, "bridge", name] }
    : { command: "sh", args: ["-c", posixBridge + name] };

/** Six of the ways to a credential, for Acme has grown over the years. Absent: the script decides. */
const credentialOf = (demo: Acme, name: string, url: string): object | undefined => {
  switch (name) {
    case "sentry":
      return undefined;
    case "github":
      return {
        source: "vault-lookup",
        url: `${demo.vault}/v1/lookup/{connector}`,
        credential: "/credential",
      };
    case "linear":
      return { source: "token-exchange", endpoint: `${demo.vault}/token`, resource: url };
    case "pagerduty":
      return {
        source: "api-key",
        url: `${demo.vault}/v1/keys/{connector}`,
        header: "Authorization",
        prefix: "Token token=",
      };
    case "slack":
      return {
        source: "custom",
        request: {
          method: "POST",
          url: `${demo.vault}/v1/checkout`,
          headers: { Authorization: "Bearer {userToken}" },
          json: { connector: "{connector}" },
        },
        credential: { value: "/credential", expiresIn: "/expires_in" },
      };
    case bridged:
      return {
        ...{ source: "aws-sts", role: roleOf(name), ...awsPlace },
        ...{ endpoint: `${demo.vault}/sts`, subjectToken: "access_token" },
      };
    default:
      return { source: "token-exchange", resource: url };
  }
};

/** The token goes to curl on its standard input: arguments are there for every process to read. */
const sentryHeaders = (demo: Acme): string => `#!/bin/sh
# The team's own way to Sentry: asks Acme's vault with the user's token, prints headers as JSON.
# Run by hand: CLAUDE_CODE_MCP_USER_TOKEN=… ./scripts/get-sentry-headers.sh
set -eu

# That nobody answers is no refusal: Lanyard asks again by itself.
outage() {
  printf '{"error":"temporarily_unavailable","error_description":"%s"}\\n' "$1" >&2
  exit 1
}

: "\${CLAUDE_CODE_MCP_USER_TOKEN:?is not set: run this through the Lanyard helper}"

reply=$(printf 'Authorization: Bearer %s\\n' "$CLAUDE_CODE_MCP_USER_TOKEN" |
  curl --silent --noproxy 127.0.0.1 --max-time 7 --header @- '${demo.vault}/v1/lookup/sentry') ||
  outage 'The vault cannot be reached.'
case $reply in
'{'*) ;;
*) outage 'Something before the vault answers, and not the vault.' ;;
esac

credential=$(printf '%s' "$reply" | sed -n 's/.*"credential":"\\([^"]*\\)".*/\\1/p')
if [ -z "$credential" ]; then
  printf '%s\\n' "$reply" >&2
  exit 1
fi
printf '{"Authorization":"Bearer %s"}\\n' "$credential"
`;

const sentryBatchText = '@node "%~dp0get-sentry-headers.mjs"\r\n';

/** For Windows: cmd.exe itself can hardly read JSON. */
const sentryHeadersByNode = (demo: Acme): string => `// What get-sentry-headers.sh does, for Windows.
const token = process.env.CLAUDE_CODE_MCP_USER_TOKEN ?? "";
const outage = { error: "temporarily_unavailable", error_description: "The vault cannot be reached." };
const reply = await fetch("${demo.vault}/v1/lookup/sentry", {
  headers: { Authorization: \`Bearer \${token}\` },
  signal: AbortSignal.timeout(7000),
}).then((response) => response.json(), () => outage);
if (typeof reply.credential === "string") {
  console.log(JSON.stringify({ Authorization: \`Bearer \${reply.credential}\` }));
} else {
  console.error(JSON.stringify(reply));
  process.exitCode = 1;
}
`;

const readme = (demo: Acme): string => {
  const people = demo.users.map(
    ({ username, password, otp }) => `| \`${username}\` | \`${password}\` | \`${otp}\` |`,
  );
  return `# Acme

You work at Acme. \`.mcp.json\` names eight connectors; none of them knows you yet.

1. Open the command palette and run **Lanyard: Sign In**. One sign-in is for all of them.
2. Look at **Connectors** in the activity bar. Most are ready; Notion wants your account, Slack is not for you,
   PagerDuty wants a second factor.
3. Authorize Notion, then step up for PagerDuty. Watch them turn ready by themselves.
4. Ask Claude Code to create a Salesforce opportunity over $50,000, then approve it on the [phone](${demo.phone}).
5. Platform wants each request signed, so every client starts it by the bridge. See what it says by hand:
   \`lanyard bridge platform\` in this folder, then one line of MCP after another.
6. Open the [admin page](${demo.admin}), revoke yourself, and come back here.

| Username | Password | One-time code |
| --- | --- | --- |
${people.join("\n")}

Everything runs on this machine, and nothing of it is real.
`;
};
