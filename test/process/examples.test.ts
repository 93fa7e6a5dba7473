import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readScriptResult } from "../../src/core/credentials/script/script.ts";
import { exitCodes } from "../../src/ipc/api/exitCodes.ts";
import { plain } from "../support/asks.ts";
import { json, serve, type RunningVault, type Vault, type VaultReply } from "../support/vaults/server.ts";
import { urlOf, userToken } from "./acme.ts";
import { openHomes, type Homes } from "./homes.ts";
import { run, type Ran } from "./support.ts";

const examples = join(import.meta.dirname, "../../examples/helpers");
const nowMs = 1_700_000_000_000;
const serverUrl = "https://mcp.example.com/mcp";

/** One reference helper: where it asks, how it proves the user, and what it makes of the reply. */
interface Example {
  readonly name: string;
  readonly variable: string;
  readonly path: string;
  readonly good: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly carriesToken: (vault: RunningVault) => boolean;
}

const bearer = ({ requests }: RunningVault): boolean =>
  requests.every(
    ({ headers, query }) =>
      headers["authorization"] === `Bearer ${userToken}` && query.get("connector") !== null,
  );

const kinds = [
  {
    name: "vault-lookup",
    variable: "VAULT_URL",
    path: "/credentials",
    good: { access_token: "up-1", expires_in: 60 },
    headers: { Authorization: "Bearer up-1" },
    carriesToken: bearer,
  },
  {
    name: "token-exchange",
    variable: "EXCHANGE_URL",
    path: "/token",
    good: {
      access_token: "up-1",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
    },
    headers: { Authorization: "Bearer up-1" },
    carriesToken: ({ requests }) =>
      requests.every(
        ({ form }) =>
          form.get("subject_token") === userToken &&
          form.get("grant_type") === "urn:ietf:params:oauth:grant-type:token-exchange" &&
          form.get("resource")?.startsWith("https://mcp.example.com/") === true,
      ),
  },
  {
    name: "api-key",
    variable: "VAULT_URL",
    path: "/keys",
    good: { api_key: "key-1" },
    headers: { "X-API-Key": "key-1" },
    carriesToken: bearer,
  },
] satisfies Example[];

const programs = kinds.flatMap((kind) => [
  { ...kind, file: `${kind.name}.sh`, command: ["/bin/sh", join(examples, `${kind.name}.sh`)] },
  { ...kind, file: `${kind.name}.mjs`, command: [process.execPath, join(examples, `${kind.name}.mjs`)] },
]);
type Program = (typeof programs)[number];

const given = (program: Program, origin: string): Record<string, string> => ({
  PATH: "/usr/bin:/bin",
  CLAUDE_CODE_MCP_USER_TOKEN: userToken,
  CLAUDE_CODE_MCP_USER_TOKEN_ISSUER: "https://idp.example.com",
  CLAUDE_CODE_MCP_SERVER_NAME: "salesforce",
  CLAUDE_CODE_MCP_SERVER_URL: serverUrl,
  [program.variable]: `${origin}${program.path}`,
});

const grantOf = ({ exitCode, stdout, stderr }: Ran): unknown =>
  plain(readScriptResult({ exitCode: exitCode ?? 1, stdout, stderr }, nowMs));

const page = "https://vault.example.com/connect?ticket=1";

const refusals: readonly (readonly [string, VaultReply, object])[] = [
  [
    "a page to connect on",
    json(400, { error: "interaction_required", interaction_uri: page, interval: 2 }),
    { kind: "needsConnection", url: page, intervalMs: 2000 },
  ],
  [
    "a reason over several lines",
    {
      status: 403,
      text: '{\n  "error": "access_denied",\n  "error_description": "Not for contractors."\n}\n',
    },
    { kind: "denied", by: "policy", reason: "Not for contractors." },
  ],
  [
    "fresh authentication",
    json(401, { error: "insufficient_user_authentication", acr_values: "mfa" }),
    { kind: "stepUp", how: { kind: "reauthenticate", acrValues: ["mfa"] } },
  ],
  ["401 without a word", { status: 401 }, { kind: "signedOut", cause: "revoked" }],
  ["403 in HTML", { status: 403, text: "<h1>Forbidden</h1>" }, { kind: "denied", by: "policy" }],
  ["503", { status: 503, text: "later" }, { kind: "unavailable" }],
  ["404", { status: 404 }, { kind: "misconfigured" }],
  ["200 without a credential", json(200, { hello: "world" }), { kind: "misconfigured" }],
  ["200 in HTML", { status: 200, text: "<form>Sign in</form>" }, { kind: "misconfigured" }],
  [
    "200 with a line break in the credential",
    json(200, { access_token: "a\r\nX: 1", api_key: "a\r\nX: 1" }),
    { kind: "misconfigured" },
  ],
];

describe.each(programs)("$file, alone", (program) => {
  it("prints the connector's headers and nothing else", async () => {
    const vault = await serve(() => json(200, program.good));
    const ran = await run(program.command, { env: given(program, vault.origin) });
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toEqual(program.headers);
    expect(vault.requests).toHaveLength(1);
    expect(program.carriesToken(vault)).toBe(true);
  });

  it.each(refusals)("passes on: %s", async (_answer, reply, grant) => {
    const vault = await serve(() => reply);
    const ran = await run(program.command, { env: given(program, vault.origin) });
    expect(ran).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ran.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(grantOf(ran)).toMatchObject(grant);
  });

  it("does not follow a redirect with the token", async () => {
    const elsewhere = await serve(() => json(200, program.good));
    const vault = await serve(() => ({ status: 307, headers: { location: elsewhere.origin } }));
    const ran = await run(program.command, { env: given(program, vault.origin) });
    expect(ran).toMatchObject({ exitCode: 1, stdout: "" });
    expect(elsewhere.requests).toEqual([]);
  });

  it("is unavailable when the vault cannot be reached", async () => {
    const ran = await run(program.command, { env: given(program, "http://127.0.0.1:9") });
    expect(grantOf(ran)).toMatchObject({ kind: "unavailable" });
  });

  it("refuses a vault that is not https", async () => {
    const ran = await run(program.command, { env: given(program, "http://vault.example.com") });
    expect(grantOf(ran)).toMatchObject({ kind: "misconfigured" });
  });

  it.each([
    ["no token", ""],
    ["something that is no token", 'x"\nurl = "https://evil.example.com'],
  ])("sends nothing with %s", async (_what, token) => {
    const vault = await serve(() => json(200, program.good));
    const env = { ...given(program, vault.origin), CLAUDE_CODE_MCP_USER_TOKEN: token };
    expect(grantOf(await run(program.command, { env }))).toMatchObject({ kind: "signedOut" });
    expect(vault.requests).toEqual([]);
  });

  it.runIf(process.platform === "linux")("shows the token to no other process", async () => {
    let commandLines = "";
    const looking: Vault = () => {
      commandLines = allCommandLines();
      return json(200, program.good);
    };
    const vault = await serve(looking);
    await run(program.command, { env: given(program, vault.origin) });
    expect(commandLines).toContain(program.file);
    expect(commandLines).not.toContain(userToken);
  });
});

/** The arguments of every process of this machine, as anyone on it can read them. */
const allCommandLines = (): string =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .join("\n");

describe("as the script of lanyard headers -- …", () => {
  let homes: Homes;
  let folder: string;
  let home: string;

  beforeAll(async () => {
    homes = await openHomes();
    ({ folder, home } = homes);
  });
  afterAll(() => homes.close());

  /** The team's project: its script is one of the examples. */
  const project = async (program: Program): Promise<string> => {
    const cwd = join(folder, program.file);
    await mkdir(join(cwd, "scripts"), { recursive: true });
    await copyFile(join(examples, program.file), join(cwd, "scripts", program.file));
    return cwd;
  };

  /** Called as Claude Code calls it. */
  const helped = async (program: Program, vault: RunningVault): Promise<Ran> => {
    const { PATH, [program.variable]: where = "" } = given(program, vault.origin);
    const interpreter = program.file.endsWith(".mjs") ? [process.execPath] : [];
    return run([join(home, "bin/lanyard"), "headers", "--", ...interpreter, `./scripts/${program.file}`], {
      cwd: await project(program),
      env: {
        PATH: PATH ?? "",
        HOME: folder,
        LANYARD_HOME: home,
        CLAUDE_CODE_MCP_SERVER_NAME: "scripted",
        CLAUDE_CODE_MCP_SERVER_URL: urlOf("scripted"),
        [program.variable]: where,
      },
    });
  };

  it.each(programs)("$file makes the headers", async (program) => {
    const vault = await serve(() => json(200, program.good));
    const ran = await helped(program, vault);
    expect(ran).toMatchObject({ exitCode: exitCodes.ok });
    expect(JSON.parse(ran.stdout)).toEqual(program.headers);
    expect(program.carriesToken(vault)).toBe(true);
  });

  it.each(programs)("$file leads to the page to connect on", async (program) => {
    const vault = await serve(() => json(400, { error: "interaction_required", interaction_uri: page }));
    const ran = await helped(program, vault);
    expect(ran.exitCode).toBe(exitCodes.ok);
    expect(ran.stdout).toContain(page);
    expect(() => new Headers(JSON.parse(ran.stdout) as Record<string, string>)).toThrow(TypeError);
  });
});
