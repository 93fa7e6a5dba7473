/** How a path is read. Windows knows two separators, drives and shares, and no case. */
export type PathStyle = "posix" | "windows";

/**
 * One spelling for a path, to compare with others: forward slashes, none at the end, no `.` and `..`, and on Windows no
 * case. Editors write `c:\work`, shells `C:/work/`.
 */
export const pathKey = (path: string, style = styleOf(path)): string => {
  const { root, segments } = partsOf(path, style);
  const isDrive = root.endsWith(":") && segments.length > 0;
  return `${root}${isDrive ? "/" : ""}${segments.join("/")}`;
};

/** Whether two paths name the same place, links aside. */
export const samePath = (a: string, b: string): boolean => pathKey(a) === pathKey(b);

/** Whether a path is a folder or anything below it, links aside. */
export const isWithin = (path: string, folder: string, style = styleOf(folder)): boolean => {
  const [inner, outer] = [partsOf(path, style), partsOf(folder, style)];
  return inner.root === outer.root && outer.segments.every((each, index) => inner.segments[index] === each);
};

/** A path as somebody means it who works in the folder. */
export const inFolder = (folder: string, path: string, style: PathStyle): string =>
  absolute[style].test(path) ? path : `${folder}/${path}`;

/** A drive or a share makes a path one of Windows. */
const styleOf = (path: string): PathStyle =>
  /^(?:[a-z]:(?:[\\/]|$)|\\\\)/i.test(path) ? "windows" : "posix";

/** `C:name` is relative to wherever that drive's own folder is: never to ours. */
const absolute: Readonly<Record<PathStyle, RegExp>> = { posix: /^\//, windows: /^(?:[\\/]|[a-z]:)/i };

const roots: Readonly<Record<PathStyle, RegExp>> = {
  posix: /^\/?/,
  windows: /^(?:\/\/|\/|[a-z]:(?=\/|$))?/,
};

interface PathParts {
  /** `/`, `//` of a share, `c:`; empty for a relative path. */
  readonly root: string;
  readonly segments: readonly string[];
}

const partsOf = (path: string, style: PathStyle): PathParts => {
  const slashed = style === "posix" ? path : path.replaceAll("\\", "/").toLowerCase();
  const root = roots[style].exec(slashed)?.[0] ?? "";
  const kept: string[] = [];
  for (const segment of slashed.slice(root.length).split("/")) {
    const isUp = segment === "..";
    if (isUp && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (isUp ? root === "" : segment !== "" && segment !== ".") kept.push(segment);
  }
  return { root, segments: kept };
};
