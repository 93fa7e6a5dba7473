import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { request } from "node:http";
import { promisify } from "node:util";

/** Who listens on a port of this machine, as far as the system tells. */
export interface PortHolder {
  /** Another sign-in of ours, in another window: it will be over soon. */
  readonly isSignIn: boolean;
  /** Its name and process id, for people. */
  readonly program?: string;
}

/** In every answer of a sign-in's listener, so that another window knows whom it waits for. */
export const signInHeader = "x-lanyard-sign-in";

const limitMs = 1000;

export const portHolder = async (host: string, port: number): Promise<PortHolder> => {
  const [isSignIn, program] = await Promise.all([
    answersAsSignIn(host, port),
    programOn(port).catch(() => undefined),
  ]);
  return { isSignIn, ...(program === undefined ? {} : { program }) };
};

const answersAsSignIn = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ host, port, path: "/", method: "HEAD", timeout: limitMs, agent: false });
    asked.once("response", (response) => {
      response.resume();
      resolve(response.headers[signInHeader] !== undefined);
      asked.destroy();
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
    asked.once("close", () => resolve(false));
    asked.end();
  });

const programOn = async (port: number): Promise<string | undefined> => {
  if (process.platform === "linux") return onLinux(port);
  return process.platform === "darwin" ? onMac(port) : undefined;
};

const listening = "0A";

/** The socket's inode out of the system's table, and the process of this user that holds it. */
const onLinux = async (port: number): Promise<string | undefined> => {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const inodes = tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter((row) => row[1]?.endsWith(`:${hexPort}`) === true && row[3] === listening)
    .map((row) => `socket:[${row[9] ?? ""}]`);
  if (inodes.length === 0) return undefined;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const link = await readlink(`/proc/${pid}/fd/${file}`).catch(() => "");
      if (inodes.includes(link))
        return named(await readFile(`/proc/${pid}/comm`, "utf8").catch(() => ""), pid);
    }
  }
  return undefined;
};

/** `-Fpc`: a line each for process id and command. */
const onMac = async (port: number): Promise<string | undefined> => {
  const { stdout } = await promisify(execFile)(
    "/usr/sbin/lsof",
    ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"],
    { timeout: limitMs },
  );
  const lines = stdout.split("\n");
  const pid = lines.find((line) => line.startsWith("p"))?.slice(1);
  const command = lines.find((line) => line.startsWith("c"))?.slice(1);
  return pid === undefined ? undefined : named(command ?? "", pid);
};

const named = (command: string, pid: string): string => `${command.trim() || "?"} (${pid})`;
