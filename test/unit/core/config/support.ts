import type { EntryOrigin } from "../../../../src/core/config/connector.ts";
import type { Issue, Place } from "../../../../src/core/config/issues/issue.ts";
import { parseFile, type FileReading } from "../../../../src/core/config/parse.ts";
import { english } from "../../../../src/core/text.ts";

export const workspace: EntryOrigin = {
  kind: "workspace",
  file: "/work/acme/.mcp.json",
  folder: "/work/acme",
};
export const user: EntryOrigin = { kind: "user", file: "/home/ada/.claude.json" };

const posix = '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers';
const windows = String.raw`"%USERPROFILE%\.lanyard\bin\lanyard" headers`;

export const lanyard = `${posix} || ${windows}`;
/** Of a script that a POSIX shell alone can read. */
export const lanyardInShell = (script: string): string => `${posix} -- ${script}`;
export const lanyardWith = (script: string): string => `${lanyardInShell(script)} || ${windows} -- ${script}`;

export const guard = {
  Authorization: "No credential.\nOpen this folder in VS Code and sign in with Lanyard.",
};

/** An entry with which nothing is wrong. */
export const github = {
  type: "http",
  url: "https://mcp.github.example/mcp",
  userAuth: { issuer: "https://idp.example.com", clientId: "lanyard", scopes: "openid profile" },
  headers: guard,
  headersHelper: lanyard,
};

export type Read = FileReading & { readonly kind: "read" };

/** Parses a file that is valid JSON: a text, or the value it holds. */
export const read = (
  content: unknown,
  options: { readonly origin?: EntryOrigin; readonly env?: Readonly<Record<string, string>> } = {},
): Read => {
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  const env = options.env ?? {};
  const reading = parseFile({
    text,
    origin: options.origin ?? workspace,
    env: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
  });
  if (reading.kind === "unreadable") throw new Error(reading.issues.map(sentence).join(" "));
  return reading;
};

/** The part of the text that a place covers: what an editor underlines. */
export const textAt = (text: string, { line, column, endLine, endColumn }: Place): string => {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  const covered = lines.slice(line, endLine + 1);
  const last = covered.at(-1) ?? "";
  return [...covered.slice(0, -1), last.slice(0, endColumn)].join("").slice(column);
};

export const sentence = ({ template, args }: Issue): string => english(template, ...args);

/** Each issue as `severity code at text: sentence`. */
export const shown = (text: string, issues: readonly Issue[]): readonly string[] =>
  issues.map((issue) => {
    const where = issue.place === undefined ? "nowhere" : textAt(text, issue.place);
    return `${issue.severity} ${issue.code} at ${where}: ${sentence(issue)}`;
  });

/** A `.mcp.json` with these servers. */
export const file = (servers: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ mcpServers: servers }, null, 2);
