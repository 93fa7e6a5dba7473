import { readCommand, type Shell } from "./shell.ts";
import { writtenOf } from "./word.ts";

/** What an entry starts, as MCP clients start it: no shell but the one that it names. */
export interface StartCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What it finds in its environment besides: by a proxy and a certificate there, others could read what it sends. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The one form that every client starts alike: `sh` expands where Lanyard lives, and makes room for the bridge. Windows has
 * no `sh`: there cmd.exe expands. Clients quote for programs and not for cmd.exe, so that nothing is quoted here.
 */
export const bridgeCommand = (name: string, shell: Shell = "sh"): StartCommand =>
  shell === "cmd"
    ? { command: "cmd", args: ["/d", "/c", String.raw`%USERPROFILE%\.lanyard\bin\lanyard`, "bridge", name] }
    : {
        command: "sh",
        args: ["-c", `exec "\${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" bridge ${quoted(name)}`],
      };

/** Whether that form starts a bridge of this name and no more: cmd.exe would run what stands behind an `&`. */
export const canStart = (name: string, shell: Shell): boolean =>
  shell === "sh" || !/[&|<>^%"!\p{Cc}]/u.test(name);

const quoted = (name: string): string =>
  /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;

/** Whether it starts `lanyard bridge` for the entry of this name, and nothing else. Read without running it. */
export const isBridge = ({ command, args }: StartCommand, name: string): boolean => {
  const [option, script, ...rest] = args;
  if (/^(?:.*[\\/])?(?:ba|da|z|k)?sh$/.test(command) && option === "-c" && script !== undefined)
    return rest.length === 0 && isBridgeLine(script, name, "sh");
  if (/^(?:.*[\\/])?cmd(?:\.exe)?$/i.test(command)) {
    const words = args.filter((each) => !/^\/[a-z]$/i.test(each));
    const [line = ""] = words;
    return words.length === 1 ? isBridgeLine(line, name, "cmd") : areBridge(words, name);
  }
  return areBridge([command, ...args], name);
};

const areBridge = ([program = "", verb, named, ...others]: readonly string[], name: string): boolean =>
  isLanyard(program) && verb === "bridge" && named === name && others.length === 0;

const isBridgeLine = (line: string, name: string, shell: Shell): boolean => {
  const { words, isWhole } = readCommand(line.trim(), shell);
  const texts = words.map(writtenOf);
  return isWhole && areBridge(texts[0] === "exec" ? texts.slice(1) : texts, name);
};

/** By the end of its path: what comes before may hold a variable. */
const isLanyard = (program: string): boolean => /(?:^|[\\/])lanyard(?:\.cmd|\.exe)?"?$/.test(program);

/** As it is shown and approved: words that a reader could take for several, or for another, stand in quotes. */
export const shownCommand = ({ command, args, env = {} }: StartCommand): string =>
  [...Object.entries(env).map(([name, value]) => `${name}=${value}`), command, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(" ");
