import type { Edit } from "jsonc-parser";
import type { Connector, HelperRoute } from "../connector.ts";
import { bridgeCommand } from "../command/bridgeCommand.ts";
import { guardedHeaders, guardedNames } from "../entry/guard.ts";
import { helperCommand, helperCommandFor } from "../command/helperCommand.ts";
import { helperRoute } from "../command/helperRoute.ts";
import { jsonText } from "../text/jsonText.ts";
import type { UserAuth } from "../schema/signInSchema.ts";
import { insertMembers, propertyOf, replaceMember, type NewMember } from "./members.ts";
import { treeOf } from "./server.ts";

/** What a person said of a connector that is to be added; texts may hold variables. */
export interface ConnectorDraft {
  readonly name: string;
  readonly url: string;
  readonly signIn: SignInDraft;
  readonly source: SourceDraft;
  /** Who is to use it: Claude Code, by `headersHelper`, or every client, by `lanyard bridge`. */
  readonly way: ConnectorWay;
}

export type ConnectorWay = "headers" | "bridge";

/** `userAuth` without the credential, as the file has it. */
export type SignInDraft = Omit<UserAuth, "scopes"> & { readonly scopes: string };

export type SourceDraft =
  | { readonly kind: "script"; readonly command: string }
  | { readonly kind: "source"; readonly source: string; readonly settings: readonly SettingDraft[] };

export interface SettingDraft {
  readonly path: readonly string[];
  readonly value: string | boolean;
}

export type AddedConnector =
  | { readonly kind: "edits"; readonly edits: readonly Edit[] }
  /** A server of that name is there, and was not to be replaced. */
  | { readonly kind: "exists" }
  /** The text is not JSON, or holds something else where the servers belong. */
  | { readonly kind: "unreadable" };

/** Whether a text has a server of that name. */
export const hasServer = (text: string, name: string): boolean => {
  const root = treeOf(text);
  const servers = root && propertyOf(root, "mcpServers")?.value;
  return servers !== undefined && propertyOf(servers, name) !== undefined;
};

/** Adds the entry at the end of `mcpServers`, or puts it in the place of the server that has its name. */
export const addConnector = (
  text: string,
  draft: ConnectorDraft,
  options: { readonly replace: boolean },
): AddedConnector => {
  const member = { name: draft.name, value: entryOf(draft) };
  if (text.trim() === "") return edits([wholeFile(text, member)]);
  const root = treeOf(text);
  if (root?.type !== "object") return { kind: "unreadable" };
  const servers = propertyOf(root, "mcpServers")?.value;
  if (servers === undefined) {
    const value = { [member.name]: member.value };
    return edits(insertMembers(text, root, [{ name: "mcpServers", value }]));
  }
  if (servers.type !== "object") return { kind: "unreadable" };
  const existing = propertyOf(servers, draft.name);
  if (existing === undefined) return edits(insertMembers(text, servers, [member]));
  return options.replace ? edits(replaceMember(text, servers, existing, [member])) : { kind: "exists" };
};

const edits = (all: readonly Edit[]): AddedConnector => ({ kind: "edits", edits: all });

const wholeFile = (text: string, { name, value }: NewMember): Edit => ({
  offset: 0,
  length: text.length,
  content: `${jsonText({ mcpServers: { [name]: value } }, "  ")}\n`,
});

/** The entry as `.mcp.json` has it, with its guard. No bridge runs a script. */
export const entryOf = ({ name, url, signIn, source, way }: ConnectorDraft): object => {
  const isScript = source.kind === "script";
  const own = isScript
    ? signIn
    : { ...signIn, credential: { source: source.source, ...nested(source.settings) } };
  if (!isScript && way === "bridge") {
    const userAuth = { url, ...own };
    return { ...bridgeCommand(name), userAuth, ...guardOf(userAuth, { kind: "bridge" }) };
  }
  const headersHelper = isScript ? helperCommandFor(source.command) : helperCommand;
  return { type: "http", url, userAuth: own, ...guardOf(own, helperRoute(headersHelper)), headersHelper };
};

const guardOf = (userAuth: object, route: HelperRoute): object => ({
  headers: guardedHeaders(
    [],
    guardedNames({ userAuth }, route, () => undefined),
  ),
});

/** Settings by their paths, as one object. */
const nested = (settings: readonly SettingDraft[]): Readonly<Record<string, unknown>> => {
  const names = [...new Set(settings.map(({ path: [first = ""] }) => first))];
  return Object.fromEntries(
    names.map((name) => {
      const own = settings.filter(({ path }) => path[0] === name);
      const whole = own.find(({ path }) => path.length === 1);
      const inner = own.map(({ path, value }) => ({ path: path.slice(1), value }));
      return [name, whole === undefined ? nested(inner) : whole.value];
    }),
  );
};

/** The sign-ins that connectors already use, one for each issuer, client and resource. */
export const signInsOf = (connectors: readonly Connector[]): readonly SignInDraft[] => {
  const known = new Map(
    connectors.map(({ userAuth }) => {
      // What an entry says of its own server is no part of the sign-in.
      const { tools: _tools, reuseSeconds: _seconds, ...signIn } = userAuth;
      const { issuer, clientId, resource = "", scopes } = signIn;
      return [JSON.stringify([issuer, clientId, resource]), { ...signIn, scopes: scopes.join(" ") }] as const;
    }),
  );
  return [...known.values()];
};
