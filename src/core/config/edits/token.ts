import { getNodeValue, type Node } from "jsonc-parser";
import type { Env } from "../entry/expand.ts";
import { isLiteralCredential } from "../entry/headerValue.ts";
import { helperCommand } from "../command/helperCommand.ts";
import { helperRoute } from "../command/helperRoute.ts";
import type { Span } from "../text/json.ts";
import type { Fix, FixEdit } from "./fix.ts";
import { guardedMembers } from "./guards.ts";
import {
  insertMembers,
  propertiesOf,
  propertyOf,
  removeMember,
  replaceMember,
  writeMembers,
  type NewMember,
  type Property,
} from "./members.ts";
import { serverAt, serversIn, stringOf, type ServerAt } from "./server.ts";

/** The `Authorization` header of a server whose credential stands in the file. */
interface LiteralToken {
  readonly headers: Property;
  readonly authorization: Property;
}

const literalTokenOf = ({ entry }: ServerAt): LiteralToken | undefined => {
  const headers = propertyOf(entry, "headers");
  const authorization =
    headers && propertiesOf(headers.value).findLast(({ name }) => name.toLowerCase() === "authorization");
  const value: unknown = authorization?.value.value;
  return headers && authorization && typeof value === "string" && isLiteralCredential(value)
    ? { headers, authorization }
    : undefined;
};

/** A connector's literal token goes, and the guard stands in its place: its credential comes from the sign-in. */
export const removeToken = (text: string, { offset }: Span, root: Node, env: Env): readonly Fix[] => {
  const server = serverAt(root, offset);
  const token = server && literalTokenOf(server);
  if (server === undefined || token === undefined || !contains(token.authorization.node, offset)) return [];
  const edits = withoutToken(text, server, token, [], env);
  return [{ kind: "removeToken", subject: server.name, edits }];
};

/**
 * A server that is reached over the network with a token in the file, and has no `userAuth`: it becomes a connector
 * with the sign-in of another entry of the same file. Nothing where no entry has one.
 */
export const connectFix = (text: string, root: Node, offset: number, env: Env): Fix | undefined => {
  const server = serverAt(root, offset);
  const token = server && literalTokenOf(server);
  if (server === undefined || token === undefined || propertyOf(server.entry, "userAuth") !== undefined)
    return undefined;
  const signIn = signInOf(root);
  if (signIn === undefined || stringOf(server.entry, "url") === undefined) return undefined;
  const type = propertyOf(server.entry, "type") === undefined ? [{ name: "type", value: "http" }] : [];
  const members = [...type, { name: "userAuth", value: signIn }];
  return { kind: "connect", subject: server.name, edits: withoutToken(text, server, token, members, env) };
};

/** The sign-in of the first entry that has one, without the source of that entry's own credential. */
const signInOf = (root: Node): Readonly<Record<string, unknown>> | undefined => {
  for (const { entry } of serversIn(root)) {
    const userAuth = propertyOf(entry, "userAuth")?.value;
    const members = (userAuth === undefined ? [] : propertiesOf(userAuth)).filter(
      ({ name }) => name !== "credential",
    );
    if (members.some(({ name }) => name === "issuer")) {
      return Object.fromEntries(members.map(({ name, value }) => [name, getNodeValue(value)]));
    }
  }
  return undefined;
};

/** A helper of someone else's keeps to itself which headers it sets, so that no guard is put in its way. */
const withoutToken = (
  text: string,
  server: ServerAt,
  { headers, authorization }: LiteralToken,
  members: readonly NewMember[],
  env: Env,
): readonly FixEdit[] => {
  const { entry } = server;
  const own = stringOf(entry, "headersHelper");
  if (helperRoute(own).kind !== "foreign") {
    const command = helperRoute(own).kind === "absent" ? helperCommand : own;
    const guarded = guardedMembers(server, command, env, ({ name }) => name === authorization.name);
    return writeMembers(text, entry, [...members, ...guarded]);
  }
  if (propertiesOf(headers.value).length > 1)
    return [...removeMember(text, headers.value, authorization), ...insertMembers(text, entry, members)];
  return members.length === 0
    ? removeMember(text, entry, headers)
    : replaceMember(text, entry, headers, members);
};

const contains = ({ offset, length }: Node, at: number): boolean => offset <= at && at <= offset + length;
