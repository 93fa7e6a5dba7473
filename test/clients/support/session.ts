import { setTimeout as delay } from "node:timers/promises";
import type { ClaudeCode } from "../../../scripts/clients/claudeCode.ts";
import { openAcmeWindow, type AcmeWindow } from "../../support/acmeWindow.ts";
import { openClaudeFolder } from "./claudeFolder.ts";
import { startModel } from "./model.ts";
import { openTerminal } from "./terminal.ts";

/** Alice in a session of the real client, in a terminal, at Acme. */
export interface Session extends AsyncDisposable {
  readonly acme: AcmeWindow;
  /** Has the model call a tool. @returns what came of it, as the model reads it. */
  call(tool: string, args?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Types `/mcp reconnect SERVER`. @returns what the client says then. */
  reconnect(server: string): Promise<string>;
  /** Opens `/mcp`, reads a server's line, and closes it again. */
  lineOf(server: string): Promise<string>;
}

const tools = ["salesforce__create_opportunity", "salesforce__whoami", "notion__search_pages"];

export const openSession = async ({ program }: ClaudeCode): Promise<Session> => {
  await using stack = new AsyncDisposableStack();
  const acme = stack.use(await openAcmeWindow({ pushSeconds: 300 }));
  const model = stack.use(await startModel());
  const { workspace } = acme;
  const folder = stack.use(
    await openClaudeFolder({ isTrusted: true, project: workspace, modelUrl: model.url }),
  );
  const allowed = ["--allowedTools", ...tools.map((tool) => `mcp__${tool}`)];
  const terminal = stack.use(
    await openTerminal({
      ...{ folder: folder.home, cwd: workspace },
      command: [program, "--permission-mode", "default", ...allowed],
      env: { ...folder.env, LANYARD_HOME: acme.home },
    }),
  );
  await terminal.until(/ mode on/);
  const call: Session["call"] = async (tool, args = {}) => {
    const before = model.toolResults.length;
    await terminal.submit(`call mcp__${tool} ${JSON.stringify(args)}`);
    await terminal.until(/esc to interrupt|The tool said/);
    const untilMs = Date.now() + callWithinMs;
    while (model.toolResults[before] === undefined) {
      if (Date.now() > untilMs) throw new Error(`Nothing comes of ${tool}:\n${await terminal.screen()}`);
      await delay(50);
    }
    await terminal.until(idle);
    return model.toolResults[before] ?? "";
  };
  // It starts before its servers have answered.
  while (!(await call("salesforce__whoami")).includes("alice")) await delay(500);
  const open = stack.move();
  return {
    ...{ acme, call },
    reconnect: async (server) => {
      const line = `/mcp reconnect ${server}`;
      const before = answersTo(line, await terminal.screen()).length;
      await terminal.submit(line);
      let last: string | undefined;
      // A look may come while the answer is being drawn.
      const isAnswered = (shown: string): boolean => {
        const answers = answersTo(line, shown);
        const isWhole = answers.at(-1) === last;
        last = answers.at(-1);
        return answers.length > before && isWhole;
      };
      return answersTo(line, await terminal.until(isAnswered)).at(-1) ?? "";
    },
    lineOf: async (server) => {
      await terminal.submit("/mcp");
      const line = new RegExp(`^[\\s❯]*((?:[✔✘⚠] )?${server}(?:  | ·| *$).*?)\\s*$`, "m");
      const shown = (line.exec(await terminal.until(line))?.[1] ?? "").replaceAll(/\s+/g, " ");
      await terminal.press("Escape");
      await terminal.until(/ mode on/);
      return shown;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

/** What the client said to a command, each time that it was typed. */
const answersTo = (line: string, shown: string): readonly string[] =>
  [...shown.matchAll(new RegExp(`^❯\\s${line}\\s*⎿\\s+(\\S.*?)\\s*$`, "gm"))].map(
    ([, answer = ""]) => answer,
  );

/** A helper of 8 s and a machine that is busy. */
const callWithinMs = 40_000;

const idle = / mode on(?!.*esc to interrupt)/;
