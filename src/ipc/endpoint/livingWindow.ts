import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { errnoOf } from "../../core/errors.ts";
import { endpointFileOf, readEndpoint, runDirectoryOf, type EndpointRecord } from "./endpointFile.ts";

/**
 * Whether any window of this user holds its socket, also one that has no time to lead or to answer: each keeps its claim
 * beside the endpoint file, and the system itself lets others in at its socket. Nothing is sent.
 */
export const aWindowLives = async (home: string): Promise<boolean> => {
  const [directory, name] = [runDirectoryOf(home), basename(endpointFileOf(home))];
  const names = await readdir(directory).catch(() => []);
  for (const claim of names.filter((each) => each.startsWith(name))) {
    const reading = await readEndpoint(join(directory, claim));
    if (reading.kind === "record" && (await holds(reading.record))) return true;
  }
  return false;
};

const waitMs = 200;

const holds = ({ address }: EndpointRecord): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address.path);
    const end = (lives: boolean): void => {
      socket.destroy();
      resolve(lives);
    };
    socket.setTimeout(waitMs, () => end(true));
    socket.once("connect", () => end(true));
    socket.once("error", (error) => end(!gone.has(errnoOf(error))));
  });

const gone: ReadonlySet<string | undefined> = new Set(["ECONNREFUSED", "ENOENT", "ENOTDIR", "ENOTSOCK"]);
