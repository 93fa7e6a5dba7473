import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Catalogues } from "../../../src/core/config/catalogue.ts";
import { nearestTo, scopeOf } from "../../../src/core/config/precedence.ts";
import { readClientFiles } from "../../../src/node/places/clientFiles.ts";
import {
  clientPlaces,
  clientSettings,
  managedSettings,
  projectFile,
  projectFolders,
  realFolder,
  type ClientPlace,
} from "../../../src/node/places/clientPlaces.ts";
import { fileReadingOf } from "../../../src/node/places/clientReading.ts";
import type { Looking } from "./layoutParts.ts";
import type { Machine } from "./machine.ts";

/** What is named, and the address that it has; `broken` where Lanyard shows the entry as one that cannot work. */
export type Named = Readonly<Record<string, string>>;

/** Which servers Lanyard's reader finds on a machine for somebody who works in a folder. */
export const readByLanyard = async (machine: Machine, looking: Looking): Promise<Named> => {
  const env = { ...looking.env };
  const folders = [looking.open];
  const around = {
    folders,
    below: filesBelow(looking.open),
    home: machine.home,
    env,
    platform: "linux",
  } as const;
  const administrators = (file: string): string => file.replace(/^\/etc\/claude-code(?=\/)/, machine.managed);
  const places = clientPlaces(around).map(({ origin, ...place }): ClientPlace => ({
    ...place,
    origin: { ...origin, file: administrators(origin.file) },
  }));
  const others = clientSettings(around).filter((file) => !file.startsWith("/etc/claude-code/"));
  const { texts, settings } = await readClientFiles(places, [...managedSettings(machine.managed), ...others]);
  const catalogues = new Catalogues();
  for (const text of texts) {
    if (text.kind === "absent") continue;
    const context = { settings, env: (name: string) => env[name as keyof typeof env] };
    catalogues.update(
      fileReadingOf(text, { ...context, projectFolders: (key) => projectFolders(key, folders) }),
    );
  }
  const { connectors, broken } = catalogues.catalogue(folders.map(realFolder));
  const all = [...connectors, ...broken.map((each) => ({ ...each, url: "broken" }))];
  const cwd = realFolder(looking.cwd ?? looking.open);
  const names = [...new Set(all.map(({ name }) => name))];
  const taken = names.flatMap((name) => {
    const rivals = all.filter((each) => each.name === name);
    return nearestTo(cwd, rivals, ({ origin }) => scopeOf(origin)).slice(0, 1);
  });
  return Object.fromEntries(taken.map(({ name, url }) => [name, url]));
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /(?:^|[\\/])\.mcp\.json$/.test(name) && !/(?:^|[\\/])(?:node_modules|\.git)[\\/]/.test(name),
    )
    .map((name) => join(folder, name))
    .filter((file) => file !== join(folder, projectFile));
