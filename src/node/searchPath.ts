import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

export const isExecutable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
};

/** The PATH of an environment, which Windows may spell "Path". */
export const pathOf = (variables: Readonly<Record<string, string | undefined>>): string =>
  variables["PATH"] ?? variables["Path"] ?? "";

/** The first program of that name. Folders that the PATH names relatively are skipped: a project could lie there. */
export const findOnPath = async (
  name: string,
  searchPath: string,
  platform: NodeJS.Platform,
): Promise<string | undefined> => {
  const names = platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    for (const each of names) {
      const file = join(folder, each);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
};
