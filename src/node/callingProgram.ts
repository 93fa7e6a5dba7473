import { readFile, readlink, stat } from "node:fs/promises";
import { basename } from "node:path";

const mostAncestors = 4;
/** What Node calls itself where it has no title: its file's name says more. */
const threadOfNode = "MainThread";

/**
 * The program behind a process id that a helper names, with what started it: `claude > bash`. Linux tells it in /proc;
 * elsewhere nobody is named. A program of the same user can name another's id, so this is a claim and no proof.
 */
export const callingProgram = async (pid: number): Promise<string | undefined> => {
  if (process.platform !== "linux") return undefined;
  const names: string[] = [];
  for (let next = pid; next > 1 && names.length < mostAncestors;) {
    const found = await processOf(next);
    if (found === undefined) break;
    names.unshift(`${found.name} (${next})`);
    next = found.parent;
  }
  return names.length === 0 ? undefined : names.join(" > ");
};

/** Of the same user alone. */
const processOf = async (
  pid: number,
): Promise<{ readonly name: string; readonly parent: number } | undefined> => {
  try {
    const folder = `/proc/${pid}`;
    if ((await stat(folder)).uid !== process.getuid?.()) return undefined;
    // The name stands in brackets and may hold any; the parent is the second field after it (proc(5)).
    const text = await readFile(`${folder}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const name = text.slice(text.indexOf("(") + 1, end);
    const parent = Number(text.slice(end + 2).split(" ")[1]);
    return {
      name: name === threadOfNode ? basename(await readlink(`${folder}/exe`)) : name,
      parent: Number.isInteger(parent) ? parent : 0,
    };
  } catch {
    return undefined;
  }
};
