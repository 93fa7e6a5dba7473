import type { Edit } from "jsonc-parser";
import type { StartCommand } from "../config/command/bridgeCommand.ts";
import { edits, eolOf, foundBy, lineEndFor, type ClientFormat } from "./format.ts";
import { statementsOf, tomlText, tomlTexts, type Statement } from "./toml.ts";

const servers = "mcp_servers";

const isOf = ({ path }: Statement, name: string): boolean => path[0] === servers && path[1] === name;

/** All servers in one value: that value would have to be rewritten. */
const isClosed = ({ kind, path }: Statement): boolean =>
  path.length === 1 && path[0] === servers && kind !== "table";

const startIn = (own: readonly Statement[]): StartCommand | undefined => {
  const written = (key: string): string =>
    own.find(({ kind, path }) => kind === "pair" && path.length === 3 && path[2] === key)?.value ?? "";
  const command = tomlText(written("command"));
  const args = written("args") === "" ? [] : tomlTexts(written("args"));
  return command === undefined || args === undefined ? undefined : { command, args };
};

const written = (name: string, { command, args }: StartCommand, eol: string): string => {
  const key = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  const list = args.map((each) => JSON.stringify(each)).join(", ");
  return [`[${servers}.${key}]`, `command = ${JSON.stringify(command)}`, `args = [${list}]`, ""].join(eol);
};

/** With its line, and of a header the blank line before it, which was put there with it. */
const removal = (text: string, { kind, start, end }: Statement): Edit => {
  const before = kind === "pair" ? "" : (/(?<=\n)\r?\n$/.exec(text.slice(0, start))?.[0] ?? "");
  const offset = start - before.length;
  return { offset, length: end - offset, content: "" };
};

/** Codex's `config.toml`: a table for each server. */
export const tomlFormat: ClientFormat = {
  find: (text, name) => {
    const all = statementsOf(text);
    if (all === undefined || all.some(isClosed)) return "unclear";
    const own = all.filter((each) => isOf(each, name));
    return own.length === 0 ? "absent" : foundBy(startIn(own), name);
  },
  add: (text, name, entry) => {
    const all = statementsOf(text);
    if (all === undefined || all.some(isClosed)) return { kind: "unclear" };
    if (all.some((each) => isOf(each, name))) return { kind: "there" };
    const eol = eolOf(text);
    const gap = text.trim() === "" ? "" : eol;
    const content = `${lineEndFor(text)}${gap}${written(name, entry, eol)}`;
    return edits({ offset: text.length, length: 0, content });
  },
  remove: (text, name) => {
    const all = statementsOf(text);
    if (all === undefined || all.some(isClosed)) return { kind: "unclear" };
    const own = all.filter((each) => isOf(each, name));
    return own.length === 0 ? { kind: "absent" } : edits(...own.map((each) => removal(text, each)));
  },
};
