import { win32 } from "node:path";

/** What a program's place in a batch file is made of. */
export interface BatchPlaces {
  /** Where the batch file's folder lies. */
  readonly home: string;
  readonly nodePath: string;
  readonly variables: NodeJS.ProcessEnv;
}

/**
 * Node's path for `launcher.cmd`. cmd.exe reads batch files in a code page of the machine, so that a name such as Müller
 * would become another: what is not ASCII is reached from the file's own folder, or through a variable of Windows.
 */
export const nodeForBatch = ({ home, nodePath, variables }: BatchPlaces): string => {
  const spellings = [escaped(nodePath), ...fromHere(home, nodePath), ...byVariable(nodePath, variables)];
  return spellings.find((spelling) => /^[\x20-\x7e]*$/.test(spelling)) ?? escaped(nodePath);
};

/** Within double quotes of a batch file a per cent sign is the only special character that a path can hold. */
const escaped = (text: string): string => text.replaceAll("%", "%%");

/** A path on another drive stays absolute. */
const fromHere = (home: string, nodePath: string): readonly string[] => {
  const path = win32.relative(win32.join(home, "bin"), nodePath);
  return win32.isAbsolute(path) ? [] : [`%~dp0${escaped(path)}`];
};

const byVariable = (nodePath: string, variables: NodeJS.ProcessEnv): readonly string[] =>
  ["LOCALAPPDATA", "USERPROFILE"].flatMap((name) => {
    const folder = variables[name] ?? "";
    const path = folder === "" ? nodePath : win32.relative(folder, nodePath);
    return win32.isAbsolute(path) || path.startsWith("..") ? [] : [`%${name}%\\${escaped(path)}`];
  });
