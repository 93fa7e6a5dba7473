import { getNodeValue, type Node } from "jsonc-parser";
import * as z from "zod";
import type { StartCommand } from "../config/command/bridgeCommand.ts";
import { insertMembers, propertyOf, removeMember } from "../config/edits/members.ts";
import { treeOf } from "../config/edits/server.ts";
import { edits, foundBy, type ClientFormat } from "./format.ts";

export interface JsonShape {
  /** The member of the root that holds the servers. */
  readonly servers: string;
  readonly write: (entry: StartCommand) => object;
}

const commandSchema = z.union([
  z.looseObject({ command: z.string(), args: z.array(z.string()).default([]) }),
  z
    .looseObject({ command: z.tuple([z.string()], z.string()) })
    .transform(({ command: [command, ...args] }) => ({ command, args })),
]);

const startIn = (node: Node): StartCommand | undefined => commandSchema.safeParse(getNodeValue(node)).data;

/** JSON, with comments where the client takes them; they stay where they are. */
export const jsonFormat = ({ servers: member, write }: JsonShape): ClientFormat => {
  /** undefined where the text cannot be changed safely; a root of `undefined` is an empty file. */
  const read = (text: string): { readonly root?: Node; readonly servers?: Node } | undefined => {
    if (text.trim() === "") return {};
    const root = treeOf(text);
    if (root?.type !== "object") return undefined;
    const servers = propertyOf(root, member)?.value;
    if (servers === undefined) return { root };
    return servers.type === "object" ? { root, servers } : undefined;
  };
  return {
    find: (text, name) => {
      const at = read(text);
      if (at === undefined) return "unclear";
      const server = at.servers && propertyOf(at.servers, name);
      return server === undefined ? "absent" : foundBy(startIn(server.value), name);
    },
    add: (text, name, entry) => {
      const at = read(text);
      if (at === undefined) return { kind: "unclear" };
      const { root, servers } = at;
      const value = write(entry);
      if (root === undefined) {
        const content = `${JSON.stringify({ [member]: { [name]: value } }, undefined, 2)}\n`;
        return edits({ offset: 0, length: text.length, content });
      }
      if (servers === undefined)
        return edits(...insertMembers(text, root, [{ name: member, value: { [name]: value } }]));
      if (propertyOf(servers, name) !== undefined) return { kind: "there" };
      return edits(...insertMembers(text, servers, [{ name, value }]));
    },
    remove: (text, name) => {
      const at = read(text);
      if (at === undefined) return { kind: "unclear" };
      const server = at.servers && propertyOf(at.servers, name);
      if (at.servers === undefined || server === undefined) return { kind: "absent" };
      return edits(...removeMember(text, at.servers, server));
    },
  };
};
