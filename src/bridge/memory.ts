import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parsed } from "./wire/json.ts";
import type { Remembered } from "./ownAnswers.ts";

export const memoryFolderOf = (home: string): string => join(home, "bridge");

const largestBytes = 4 * 1024 * 1024;

/** A file for each connector and folder; nothing in it is secret, and a wrong one only shows a wrong list of tools. */
export const openMemory = async (home: string, server: string, cwd: string): Promise<Remembered> => {
  const name = createHash("sha256").update(`${server}\n${cwd}`).digest("hex").slice(0, 32);
  const file = join(memoryFolderOf(home), `${name}.json`);
  const known = new Map<string, string>();
  const text = await readFile(file, "utf8").catch(() => "");
  const value = parsed(text);
  for (const [key, json] of typeof value === "object" && value !== null ? Object.entries(value) : [])
    if (typeof json === "string" && parsed(json) !== undefined) known.set(key, json);
  let writing = Promise.resolve();
  return {
    get: (what) => known.get(what),
    keep: (what, json) => {
      if (known.get(what) === json || json.length > largestBytes) return;
      known.set(what, json);
      // A list that cannot be kept is missed only where the connector is.
      writing = writing
        .then(() => write(file, JSON.stringify(Object.fromEntries(known))))
        .catch(() => undefined);
    },
    kept: () => writing,
  };
};

const write = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
};
