/**
 * One spelling for a path, to compare with others: forward slashes, none at the end, and on Windows drives and shares
 * no case. Editors write `c:\work`, shells `C:/work/`.
 */
export const folderKey = (path: string): string => {
  const isWindows = /^(?:[a-z]:[\\/]|[a-z]:$|\\\\)/i.test(path);
  const slashed = isWindows ? path.replaceAll("\\", "/").toLowerCase() : path;
  return slashed.replace(/(?<=.)\/+$/, "");
};

/** Whether a path is a folder or anything below it. */
export const isWithin = (path: string, folder: string): boolean => {
  const [inner, outer] = [folderKey(path), folderKey(folder)];
  return inner === outer || inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
};
