import type { Metafile } from "esbuild";
import { basename, dirname } from "node:path";

export type Outputs = Metafile["outputs"];

/** A file of the build, as CommonJS. */
export interface Piece {
  readonly path: string;
  readonly code: string;
}

export interface Joined {
  readonly pieces: readonly Piece[];
  readonly outputs: Outputs;
}

/** What is smaller shares a file: alone it would weigh as much again in an archive. */
const smallBytes = 6_000;

/**
 * Puts small pieces together, each a function that runs when it is first asked for. Those that the same starts load share
 * a file, so that no start loads more than it did.
 *
 * @param starts - the sources that begin what is loaded at once.
 */
export const joinPieces = (pieces: readonly Piece[], outputs: Outputs, starts: readonly string[]): Joined => {
  const loaded = starts.map((source) => loadedBy(source, outputs));
  const groupOf = (path: string): string | undefined => {
    const output = outputs[path];
    if (output === undefined || output.bytes >= smallBytes || !/-[0-9A-Z]{8}\.cjs$/.test(path))
      return undefined;
    const among = starts.filter((_start, index) => loaded[index]?.has(path));
    const name = among.length === 0 ? "later" : among.map((start) => basename(start, ".ts")).join("-");
    return `${dirname(path)}/${basename(path).startsWith("helper-") ? "helper-" : ""}small-${name}.cjs`;
  };
  const places = new Map<string, Place>();
  const members = new Map<string, string[]>();
  for (const path of Object.keys(outputs).sort()) {
    const group = groupOf(path);
    if (group === undefined) continue;
    const among = members.get(group) ?? [];
    places.set(path, { group, index: among.length });
    members.set(group, [...among, path]);
  }
  return {
    pieces: [...alone(pieces, places), ...together(pieces, members, places)],
    outputs: joinedOutputs(outputs, places),
  };
};

interface Place {
  readonly group: string;
  readonly index: number;
}
type Places = ReadonlyMap<string, Place>;

/** What a source loads before anything is asked of it. */
const loadedBy = (source: string, outputs: Outputs): ReadonlySet<string> => {
  const first = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === source);
  const reached = new Set(first);
  for (const path of reached)
    for (const each of outputs[path]?.imports ?? [])
      if (each.kind === "import-statement" && each.external !== true) reached.add(each.path);
  return reached;
};

/** As it asks for others, in `group` or alone. */
const asking = ({ path, code }: Piece, places: Places, group?: string): string =>
  code.replaceAll(/\brequire\("\.\/([\w-]+\.cjs)"\)/g, (whole, name: string) => {
    const place = places.get(`${dirname(path)}/${name}`);
    if (place === undefined) return whole;
    const from = place.group === group ? "take" : `require("./${basename(place.group)}")`;
    return `${from}(${place.index})`;
  });

const alone = (pieces: readonly Piece[], places: Places): readonly Piece[] =>
  pieces.filter(({ path }) => !places.has(path)).map((piece) => ({ ...piece, code: asking(piece, places) }));

const together = (
  pieces: readonly Piece[],
  members: ReadonlyMap<string, readonly string[]>,
  places: Places,
): readonly Piece[] =>
  [...members].map(([path, paths]) => {
    const codes = paths
      .map((each) => pieces.find((piece) => piece.path === each))
      .filter((each) => each !== undefined);
    const functions = codes.map((piece) => `module=>{${asking(piece, places, path).trim()}\n}`);
    const code = `"use strict";const made=[],all=[${functions.join(",")}],take=i=>{if(!made[i]){const module={exports:{}};all[i](module);made[i]=module}return made[i].exports};module.exports=take;\n`;
    return { path, code };
  });

const joinedOutputs = (outputs: Outputs, places: Places): Outputs => {
  const joined: Record<string, Outputs[string]> = {};
  for (const [path, output] of Object.entries(outputs)) {
    const to = places.get(path)?.group ?? path;
    const before = joined[to];
    const imports = output.imports.map((each) => ({
      ...each,
      path: places.get(each.path)?.group ?? each.path,
    }));
    joined[to] = {
      ...(before ?? output),
      bytes: (before?.bytes ?? 0) + output.bytes,
      inputs: { ...before?.inputs, ...output.inputs },
      imports: [...(before?.imports ?? []), ...imports.filter((each) => each.path !== to)],
    };
  }
  return joined;
};
