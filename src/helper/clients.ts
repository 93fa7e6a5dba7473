import { homedir } from "node:os";
import { clientIds, knownClients as known, isClientId, type ClientId } from "../core/clients/clients.ts";
import { exitCodes } from "../ipc/api/exitCodes.ts";
import { clientsHere, type ClientMachine } from "../node/clients/clientsHere.ts";
import {
  bridgesFrom,
  carryOut,
  plan,
  standings,
  type Planned,
  type ClientStanding,
} from "../node/clients/setUp.ts";
import type { Options } from "./commandLine.ts";
import { readerOf, type Environment } from "./environment.ts";
import { usage, type CommandOutcome } from "./outcome.ts";

/** `lanyard clients`: which MCP clients are here, which have the folder's bridges, and to write or remove them there. */
export const clients = async (environment: Environment, options: Options): Promise<CommandOutcome> => {
  const { words, client = "", json } = options;
  const [what, connector, ...others] = words;
  const wrong = (message: string): CommandOutcome => usage(message, { ...readerOf(environment), json });
  if (client !== "" && !isClientId(client))
    return wrong(`There is no client "${client}" here. Known are ${clientIds.join(", ")}.`);
  const around = { home: homedir(), env: environment.variables, platform: process.platform };
  if (what === undefined) return list(environment.cwd, around, json);
  if ((what !== "add" && what !== "remove") || connector === undefined || others.length > 0)
    return wrong("Say add or remove, and one connector's name.");
  if (what === "add" && !(await bridgesFrom(environment.cwd)).includes(connector))
    return wrong(`The .mcp.json of this folder, or the nearest above it, defines no bridge "${connector}".`);
  const chosen = isClientId(client) ? [client] : await clientsHere(around);
  return change({ what, connector, isWritten: options.yes }, chosen, around);
};

interface Wanted {
  readonly what: "add" | "remove";
  readonly connector: string;
  /** Else it is only shown. */
  readonly isWritten: boolean;
}

const change = async (
  { what, connector, isWritten }: Wanted,
  chosen: readonly ClientId[],
  around: ClientMachine,
): Promise<CommandOutcome> => {
  const told: string[] = [];
  let isWhole = true;
  for (const each of chosen) {
    const planned = await plan(what, each, connector, around);
    const done = planned.kind === "change" && isWritten ? await carryOut(planned) : undefined;
    isWhole &&= done !== false && !failures.has(planned.kind);
    const line = sentence(each, planned, what, done);
    if (line !== undefined) told.push(line);
  }
  return {
    exitCode: isWhole ? exitCodes.ok : exitCodes.internal,
    stdout: told.length === 0 ? "No client here has, or needs, an entry of its own." : told.join("\n\n"),
  };
};

const failures: ReadonlySet<Planned["kind"]> = new Set(["unclear", "unreadable", "unstartable"]);

const list = async (cwd: string, around: ClientMachine, json: boolean): Promise<CommandOutcome> => {
  const connectors = await bridgesFrom(cwd);
  const here = await clientsHere(around);
  const all = await standings(connectors, here, around);
  if (json) return { exitCode: exitCodes.ok, stdout: JSON.stringify({ clients: here, connectors: all }) };
  if (here.length === 0)
    return { exitCode: exitCodes.ok, stdout: "None of the known clients is on this machine." };
  const lines = here.map((client) => {
    const own = all.filter((each) => each.client === client);
    return [
      known[client].title,
      ...own.map((each) => `  ${each.connector}: ${standingWords[each.has]}${placeOf(each)}`),
    ];
  });
  const none = "No .mcp.json of this folder, or above it, defines a bridge.";
  return {
    exitCode: exitCodes.ok,
    stdout: [...(connectors.length === 0 ? [none] : []), ...lines.flat()].join("\n"),
  };
};

const placeOf = ({ file, has }: ClientStanding): string =>
  file === undefined || has === "absent" ? "" : ` (${file})`;

const standingWords: Readonly<Record<ClientStanding["has"], string>> = {
  team: "by .mcp.json",
  approve: "by .mcp.json, once it is approved there (qwen mcp approve)",
  bridge: "yes",
  absent: "no",
  other: "another server has this name",
  unclear: "its file is not understood",
  unreadable: "its file cannot be read",
};

/** undefined for what is not worth a line. */
const sentence = (
  client: ClientId,
  planned: Planned,
  what: "add" | "remove",
  done: boolean | undefined,
): string | undefined => {
  const { title } = known[client];
  switch (planned.kind) {
    case "team":
      return undefined;
    case "there":
      return `${title}: a server of this name is in ${planned.file} already. It is left as it is.`;
    case "absent":
      return what === "remove" ? `${title}: ${planned.file} has no server of this name.` : undefined;
    case "unclear":
      return `${title}: ${planned.file} is not understood well enough to be changed. Change it by hand.`;
    case "unreadable":
      return `${title}: ${planned.file} cannot be read.`;
    case "unstartable":
      return `${title}: cmd.exe cannot start a server of this name. Give it a plainer one in .mcp.json.`;
    case "change": {
      const head =
        done === undefined
          ? `${title}: this would be written to ${planned.file}. Say --yes to write it.`
          : done
            ? `${title}: written to ${planned.file}.`
            : `${title}: ${planned.file} has changed meanwhile. Nothing was written.`;
      return `${head}\n${planned.preview}`;
    }
  }
};
