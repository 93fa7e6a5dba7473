import type { DemoReady } from "../demo.ts";

export interface Welcome {
  readonly editor: string;
  readonly idp: string;
  readonly admin: string;
  readonly workspace: string;
  readonly lanyardHome: string;
  readonly users: readonly DemoReady["users"][number][];
}

/** What a client says first. */
const said = [
  {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "me", version: "1" } },
  },
  { id: 2, method: "tools/list" },
].map((message) => JSON.stringify({ jsonrpc: "2.0", ...message }));

const bridgeInSh = [
  `    command  sh`,
  `    args     -c, exec "$\{LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" bridge platform`,
  "  By hand, in that shell: its tools, each line a request.",
  `    (${said.map((line) => `echo '${line}'`).join("; ")}; sleep 3) |`,
  '      "$LANYARD_HOME/bin/lanyard" bridge platform',
];

const bridgeInCmd = [
  "    command  cmd",
  String.raw`    args     /d, /c, %LANYARD_HOME%\bin\lanyard, bridge, platform`,
  "  By hand, in that shell: its tools, each line a request.",
  `    (${said.map((line) => `echo ${line}`).join("& ")}& ping -n 4 127.0.0.1 >nul) |`,
  String.raw`      "%LANYARD_HOME%\bin\lanyard" bridge platform`,
];

/** What a newcomer reads when all is ready. */
export const welcome = (ready: Welcome, platform: NodeJS.Platform = process.platform): string => {
  const [first] = ready.users;
  const width = Math.max(...ready.users.map((user) => user.password.length), "password".length);
  const row = (username: string, password: string, otp: string): string =>
    `    ${username.padEnd(10)}${password.padEnd(width + 2)}${otp}`;
  return [
    "",
    "Lanyard is ready.",
    "",
    `  Editor       ${ready.editor}`,
    `  Admin page   ${ready.admin}`,
    `  Workspace    ${ready.workspace}`,
    "",
    row("user", "password", "one-time code"),
    ...ready.users.map((user) => row(user.username, user.password, user.otp)),
    "",
    "  1. Open the editor's address in a browser and trust the folder when it asks.",
    `  2. Press F1 and run "Lanyard: Sign In": approve the connectors, allow, and sign in as ${first?.username ?? "a user"}.`,
    "  3. The Lanyard view at the left shows where each of the eight connectors stands.",
    "  4. On the admin page, change a policy or revoke a user, and watch the view follow.",
    "",
    "  From a shell of your own, the connectors' headers:",
    `    cd ${platform === "win32" ? "/d " : ""}"${ready.workspace}"`,
    ...(platform === "win32"
      ? [`    set "LANYARD_HOME=${ready.lanyardHome}"`, String.raw`    "%LANYARD_HOME%\bin\lanyard" status`]
      : [`    export LANYARD_HOME="${ready.lanyardHome}"`, '    "$LANYARD_HOME/bin/lanyard" status']),
    "",
    "  Platform wants each request signed, so clients start it by the bridge, an MCP server on stdio:",
    ...(platform === "win32" ? bridgeInCmd : bridgeInSh),
    "",
    "  Ctrl+C ends everything.",
    "",
  ].join("\n");
};
