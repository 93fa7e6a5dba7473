import type { StatusKind } from "../../core/connectors/board/status.ts";
import { hostOf } from "../../core/urls.ts";
import { brokenKind, type Node } from "./nodes.ts";

/** Whether a row is one that the person looks for: it has every word that they typed, in whatever case. */
export type Filter = (node: Node) => boolean;

/** `undefined` where nothing was typed. Rows that are no connectors have no place in what is filtered. */
export const filterBy = (text: string, labelOf: (kind: StatusKind) => string): Filter | undefined => {
  const words = text
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return undefined;
  return (node) => {
    const said = saidBy(node, labelOf)?.toLocaleLowerCase();
    return said !== undefined && words.every((word) => said.includes(word));
  };
};

const saidBy = (node: Node, labelOf: (kind: StatusKind) => string): string | undefined => {
  switch (node.kind) {
    case "connector": {
      const { connector, status } = node.entry;
      const hosts = [hostOf(connector.url), hostOf(connector.userAuth.issuer)];
      return [connector.name, ...hosts, labelOf(status.kind), node.folder ?? ""].join("\n");
    }
    case "broken":
      return [node.entry.name, labelOf(brokenKind(node.entry)), node.folder ?? ""].join("\n");
    case "account":
    case "signIn":
    case "need":
    case "mcp":
    case "file":
    case "group":
      return undefined;
  }
};
