import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { applyEdits } from "jsonc-parser";
import { bridgesIn } from "../../core/clients/bridgesIn.ts";
import { knownClients, type ClientId } from "../../core/clients/clients.ts";
import type { Edited, FoundServer } from "../../core/clients/format.ts";
import { previewOf } from "../../core/clients/preview.ts";
import { bridgeCommand, canStart } from "../../core/config/command/bridgeCommand.ts";
import { errnoOf } from "../../core/errors.ts";
import { foreignText } from "../places/clientFiles.ts";
import { projectFile } from "../places/clientPlaces.ts";
import { foldersAround } from "../places/repository.ts";
import { shellHere } from "../shell.ts";
import { writeWhole } from "../wholeFile.ts";
import { ownPlaceOf, type ClientMachine } from "./clientsHere.ts";

/** Where one client stands with one connector. */
export interface ClientStanding {
  readonly client: ClientId;
  readonly connector: string;
  /** `team`: it reads `.mcp.json` by itself; `approve`: it does once its person approved it there. */
  readonly has: FoundServer | "team" | "approve" | "unreadable";
  /** The client's own file, where that is what counts. */
  readonly file?: string;
}

/** A change that is shown before it is made. */
export interface Change {
  readonly client: ClientId;
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** Lines with `+` and `-`. */
  readonly preview: string;
}

export type Planned =
  | ({ readonly kind: "change" } & Change)
  /** `unstartable`: the client could not start a server of this name by this system's shell, or would start more. */
  | { readonly kind: Exclude<Edited["kind"], "edits"> | "unreadable" | "unstartable"; readonly file: string }
  /** The client needs nothing of its own. */
  | { readonly kind: "team" };

/** The bridges that the `.mcp.json` of a folder and of those around it define; of one name the nearest counts. */
export const bridgesFrom = async (folder: string): Promise<readonly string[]> => {
  const folders = [folder, ...foldersAround(folder)];
  const texts = await Promise.all(folders.map((each) => foreignText(path.join(each, projectFile))));
  // The farthest first, so that the nearest has the last word.
  const servers = new Map(texts.reverse().flatMap((text = "") => [...bridgesIn(text)]));
  return [...servers].flatMap(([name, isBridge]) => (isBridge ? [name] : []));
};

/** How each of the clients stands with each of the connectors. */
export const standings = async (
  connectors: readonly string[],
  clients: readonly ClientId[],
  around: ClientMachine,
): Promise<readonly ClientStanding[]> => {
  const rows = clients.map(async (client) => {
    const { reads } = knownClients[client];
    const { file } = ownPlaceOf(client, around);
    if (reads.kind === "team" || file === undefined) {
      const has = reads.kind === "team" && reads.onceApproved ? "approve" : "team";
      return connectors.map((connector): ClientStanding => ({ client, connector, has }));
    }
    const text = await readOwn(file);
    return connectors.map((connector): ClientStanding => {
      const has = text === undefined ? "unreadable" : reads.format.find(text, connector);
      return { client, connector, has, file };
    });
  });
  return (await Promise.all(rows)).flat();
};

/** What would be written to a client's own file. */
export const plan = async (
  what: "add" | "remove",
  client: ClientId,
  connector: string,
  around: ClientMachine,
  shell = shellHere,
): Promise<Planned> => {
  const { reads } = knownClients[client];
  const { file } = ownPlaceOf(client, around);
  if (reads.kind === "team" || file === undefined) return { kind: "team" };
  if (what === "add" && !canStart(connector, shell)) return { kind: "unstartable", file };
  const before = await readOwn(file);
  if (before === undefined) return { kind: "unreadable", file };
  const edited =
    what === "add"
      ? reads.format.add(before, connector, bridgeCommand(connector, shell))
      : reads.format.remove(before, connector);
  if (edited.kind !== "edits") return { kind: edited.kind, file };
  const after = applyEdits(before, [...edited.edits]);
  return { kind: "change", client, file, before, after, preview: previewOf(before, after) };
};

/** @returns false where the file is not any more what it was when the change was shown: nothing is written then. */
export const carryOut = async ({ file, before, after }: Change): Promise<boolean> => {
  if ((await readOwn(file)) !== before) return false;
  await writeWhole(file, after);
  return true;
};

/** A file that is not there is empty; undefined where it cannot be read, or is no UTF-8. */
const readOwn = async (file: string): Promise<string | undefined> => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? "" : undefined;
  }
};
