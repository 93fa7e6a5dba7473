import { bridgeCommand, isBridge, shownCommand, type StartCommand } from "../command/bridgeCommand.ts";
import type { Shell } from "../command/shell.ts";
import type { HelperRoute } from "../connector.ts";
import type { Issue } from "../issues/issue.ts";
import { issues, type Where } from "../issues/issues.ts";
import { spotAt } from "../issues/schemaIssues.ts";
import type { JsonValue, Member, Span } from "../text/json.ts";

/** What clients start for an entry; undefined for a server that they reach by its URL. */
export const startIn = (entry: unknown): StartCommand | undefined => {
  if (typeof entry !== "object" || entry === null || !("command" in entry)) return undefined;
  const { command } = entry;
  const args: readonly unknown[] = "args" in entry && Array.isArray(entry.args) ? entry.args : [];
  return { command: String(command), args: args.map(String) };
};

export const bridgeRoute = (start: StartCommand, name: string): HelperRoute =>
  isBridge(start, name) ? { kind: "bridge" } : { kind: "foreign", command: shownCommand(start) };

/** Of an entry that clients start. */
export const bridgeIssues = (
  start: StartCommand | undefined,
  helper: HelperRoute,
  { root, server, shell }: { readonly root: JsonValue; readonly server: Member; readonly shell: Shell },
  at: (span: Span) => Where,
): readonly Issue[] => {
  if (start === undefined) return [];
  const where = at(spotAt(root, server.key, ["command"]).span);
  const beside = spotAt(root, server.key, ["url"]);
  const command = shownCommand(bridgeCommand(server.name, shell));
  return [
    ...(helper.kind === "bridge" ? [] : [issues.bridgeForeign(where, command)]),
    ...(beside.value === undefined ? [] : [issues.urlBesideCommand(at(beside.span))]),
  ];
};
