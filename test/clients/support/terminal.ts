import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { run } from "../../process/support.ts";

/** A terminal that a person looks at, in tmux. */
export interface Terminal extends AsyncDisposable {
  /** What stands on the screen, without what only frames it. */
  screen(): Promise<string>;
  /** Types a line and confirms it. */
  submit(line: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Waits until the screen shows it. @throws with the screen when it does not within the time. */
  until(what: RegExp | ((screen: string) => boolean), withinMs?: number): Promise<string>;
}

export interface TerminalOptions {
  /** A folder for tmux' socket. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const submitWithinMs = 20_000;

/** What is typed and not yet taken. */
const inputOf = (screen: string): string =>
  /^❯(.*)$/m.exec(screen.split("\n").reverse().join("\n"))?.[1]?.trim() ?? "";

/** Between two looks at the screen: tmux tells nobody when it changes. */
const lookEveryMs = 100;

export const openTerminal = async ({ folder, command, cwd, env }: TerminalOptions): Promise<Terminal> => {
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const ran = await run(["tmux", "-S", join(folder, "tmux"), "-f", "/dev/null", ...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", LANG: "C.UTF-8" },
    });
    if (ran.exitCode !== 0) throw new Error(`tmux ${args.join(" ")}: ${ran.stderr}`);
    return ran.stdout;
  };
  const pairs = Object.entries({ ...env, TERM: "screen-256color", LANG: "C.UTF-8" });
  const started = ["env", "-i", ...pairs.map(([name, value]) => `${name}=${value}`), ...command];
  await tmux("new-session", "-d", "-x", "160", "-y", "80", "-c", cwd, ...started);
  const screen = (): Promise<string> => tmux("capture-pane", "-p", "-J");
  return {
    screen,
    submit: async (line) => {
      await tmux("send-keys", "-l", line);
      await waitFor(async () => inputOf(await screen()) === line, submitWithinMs);
      // Enter right behind typed text is taken for a line of what is pasted.
      const isTaken = await waitFor(async () => {
        await tmux("send-keys", "Enter");
        return waitFor(async () => inputOf(await screen()) !== line, 1000);
      }, submitWithinMs);
      if (!isTaken) throw new Error(`The line is not taken:\n${await screen()}`);
    },
    press: async (key) => {
      await tmux("send-keys", key);
    },
    until: async (what, withinMs = 30_000) => {
      let shown = "";
      const isThere = await waitFor(async () => {
        shown = await screen();
        return what instanceof RegExp ? what.test(shown) : what(shown);
      }, withinMs);
      if (!isThere) throw new Error(`${what.toString()} does not appear on the screen:\n${shown}`);
      return shown;
    },
    [Symbol.asyncDispose]: async () => {
      await tmux("kill-server").catch(() => "");
    },
  };
};

/** Looks again and again. Answers whether it came true within the time. */
const waitFor = async (isTrue: () => Promise<boolean>, withinMs: number): Promise<boolean> => {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    if (await isTrue()) return true;
    if (Date.now() > untilMs) return false;
    await delay(lookEveryMs);
  }
};
