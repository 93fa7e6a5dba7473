import { guardSentence } from "../../../src/core/config/entry/headerValue.ts";
import type { Machine } from "./machine.ts";

/** Who looks at it, and from where; all is said after the files are there. */
export interface Looking {
  /** The folders that are open in the window. */
  readonly open: string;
  /** Where the client runs; the open folder, when it is not said. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the person types into the client before they look. */
  readonly before?: readonly string[];
  /** What the two may differ in, and why: by name, `lanyard` or `client` says who alone names it, or how. */
  readonly argued?: Readonly<Record<string, string>>;
  /** The same of clients before a version, where those do otherwise. */
  readonly older?: { readonly before: string; readonly argued: Readonly<Record<string, string>> };
}

export type Layout = (machine: Machine) => Looking;

/** An entry that tells where it was read, by its address. */
export const entry = (tag: string, url = `http://127.0.0.1:9/${tag}`): object => ({
  ...{ type: "http", url, headersHelper: "~/.lanyard/bin/lanyard headers" },
  headers: { Authorization: guardSentence },
  userAuth: {
    issuer: "https://idp.acme.example",
    clientId: "acme",
    credential: { source: "token-exchange" },
  },
});
/** An entry to which the client connects at once, so that it is heard which address it makes of the variables. */
export const heard = (url: string): object => ({
  ...{ type: "http", url },
  userAuth: { issuer: "https://idp.acme.example", clientId: "acme" },
});
export const other = (tag: string): object => ({ type: "http", url: `http://127.0.0.1:9/other/${tag}` });
export const servers = (mcpServers: Readonly<Record<string, object>>): object => ({ mcpServers });
export const utf16 = (content: object, mark: string): Buffer =>
  Buffer.from(`${mark}${JSON.stringify(content)}`, "utf16le");
export const local = (projects: Readonly<Record<string, Readonly<Record<string, object>>>>): object => ({
  projects: Object.fromEntries(
    Object.entries(projects).map(([folder, mcpServers]) => [folder, { mcpServers }]),
  ),
});

export const withWorktree = (
  { git, path }: Machine,
  at: string,
): { readonly main: string; readonly tree: string } => {
  const [main, tree] = [path("main"), path(at)];
  git(main, "init");
  git(main, "commit", "--allow-empty", "-m", "first");
  git(main, "worktree", "add", "-b", "other", tree);
  return { main, tree };
};

export const managedOnly =
  "beside the administrator's file the client uses no other servers; Lanyard shows them, for VS Code and other clients";

export const variableUnset =
  "the client connects to the text with the variable in it; Lanyard says that it is not set";
export const dropped = "the client names it, and has lost its userAuth; Lanyard says so at the entry";

export const relative =
  "the client looks in whatever folder it is started in; what lies there is not the person's alone, and Lanyard reads none of it";
export const twice = "the client takes the last of them; Lanyard asks to rename one";
export const wrong =
  "the client passes over the wrong entry, to one around it; Lanyard says what is wrong with it";
export const spaced = "both make [object Object] of it; a URL with a space in it is none for Lanyard";
export const stopped =
  "clients of then read nothing where a folder has that name; Lanyard and newer ones read on";
