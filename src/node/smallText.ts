import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

const mostBytes = 64 * 1024;

/**
 * What stands in a small file of a folder that anybody may have made. It may be a link to anything: a pipe would keep the
 * reader for ever, and a device has no end.
 * @throws the system's error, or one for what is no small file.
 */
export const smallText = (file: string): string => {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile() || stats.size > mostBytes) throw new Error("It is no small file.");
    return readFileSync(handle, "utf8");
  } finally {
    closeSync(handle);
  }
};
