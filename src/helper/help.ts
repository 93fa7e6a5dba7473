import { exitCodeMeanings, exitCodes } from "../ipc/api/exitCodes.ts";
import type { Command } from "./commandLine.ts";

const pages: Readonly<Record<Command | "bridge", string>> = {
  headers: `Usage: lanyard headers [--server NAME --url URL] [--json]
       lanyard headers [--stdin] -- SCRIPT [ARGUMENT...]

Prints the headers of one connector as a JSON object: the command for headersHelper in .mcp.json.
Claude Code says which connector it is; a person says it with --server and --url.

  --server NAME  the entry's name in .mcp.json
  --url URL      its URL; another than the entry's is refused
  --json         a refusal is one line of JSON on stderr
  --stdin        the script gets {"server","url","issuer","token"} as JSON on its stdin, not in its environment
  -- SCRIPT      the team's own script makes the headers. It gets the user's token in CLAUDE_CODE_MCP_USER_TOKEN
                 and its issuer in CLAUDE_CODE_MCP_USER_TOKEN_ISSUER

Called by Claude Code, a refusal is a header that cannot be sent: Claude Code shows it and sends nothing.`,
  token: `Usage: lanyard token [--issuer URL | --server NAME --url URL] [--json]

Prints the user's access token at the identity provider.

  --issuer URL   of which provider, where there are several
  --server NAME  or the one that this connector uses
  --url URL      the connector's URL
  --json         {"issuer","token","expiresAtMs"}`,
  status: `Usage: lanyard status [--json]

Shows who is signed in and where each connector stands. Asks nobody.

  --json         everything, with evidence and times in milliseconds`,
  history: `Usage: lanyard history [--server NAME] [--json]

Shows who asked for what, what was answered, what left Lanyard and until when it lives: what is kept on this machine.
Programs are named as far as the system tells; a program of the same user can name another's process.

  --server NAME  of one connector
  --json         one line of JSON each, times in milliseconds`,
  clients: `Usage: lanyard clients [--json]
       lanyard clients add NAME [--client CLIENT] [--yes]
       lanyard clients remove NAME [--client CLIENT] [--yes]

Shows which MCP clients are on this machine, and which have the bridges of the nearest .mcp.json. Some read that file by
themselves; the others need an entry in a file of their own, which add and remove show first.

  NAME             the entry's name in .mcp.json
  --client CLIENT  this client alone (codex, gemini, opencode, cline, continue)
  --yes            write what is shown; an entry that is there is never replaced
  --json           {"clients","connectors":[{"client","connector","has","file"}]}`,
  bridge: `Usage: lanyard bridge NAME

An MCP server on stdin and stdout that passes messages to the connector NAME, and authorizes each HTTP request with what
the vault grants now. A client starts it by an entry of its configuration. Where the connector is found: in the .mcp.json
of this folder or one above it, as it was approved in VS Code.`,
  doctor: `Usage: lanyard doctor [--json]

Checks what the helper needs, asks the window that answers helpers what it sees (identity providers, proxy, clock,
sign-in, storage, approvals), asks the claude on the PATH for its version, and says how to mend what is missing.
Exits with 1 when a check failed.

  --json         [{"check","verdict","finding","remedy"}]`,
};

const overview = `Usage: lanyard COMMAND [OPTION...]

  headers   the headers of one connector, for headersHelper in .mcp.json
  token     the user's access token at the identity provider
  status    who is signed in and where each connector stands
  doctor    checks what the helper needs
  bridge    an MCP server on stdio that stands for one connector
  clients   which MCP clients have the connectors, and to give them
  history   who got which credential, and who was refused

lanyard COMMAND --help says more.

Environment: LANYARD_HOME (default ~/.lanyard), LANYARD_DEADLINE_SECONDS (1 to 9, default 8).`;

export const helpOf = (command: Command | "bridge" | undefined): string =>
  `${command === undefined ? overview : pages[command]}\n\n${codes()}`;

const codes = (): string =>
  [
    "Exit codes:",
    ...Object.entries(exitCodes).map(([name, code]) => {
      const meaning = Object.entries(exitCodeMeanings).find(([named]) => named === name)?.[1] ?? "";
      return `  ${String(code).padStart(2)}  ${meaning}`;
    }),
  ].join("\n");
