/** The helper's contract, and every way in which it is kept. */
import { join } from "node:path";
import { expect } from "vitest";
import { urlOf } from "./acme.ts";
import { asSh, isWindows, run, shells, type Ran } from "./support.ts";

/** The variables of one call. */
export type Env = Readonly<Record<string, string>>;
/** Calls the `lanyard` of `home` with these arguments and variables. */
export type Way = (home: string, args: readonly string[], env: Env) => Promise<Ran>;

export const withCurl = "/usr/local/bin:/usr/bin:/bin";
const withoutCurl = "/nonexistent";

/** As Claude Code on Windows: by a line for cmd.exe. */
const byCmd: Way = (at, args, env) => {
  const line = [join(at, "bin/lanyard"), ...args].map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
  return run([process.env["ComSpec"] ?? "cmd.exe", "/d", "/s", "/c", `"${line}"`], {
    env: { PATH: "", LANYARD_HOME: at, ...env },
    cwd: at,
    isVerbatim: true,
  });
};

const withoutShell: Way = (at, args, env) =>
  run([process.execPath, join(at, "lib/lanyard.cjs"), ...args], {
    env: { PATH: withCurl, LANYARD_HOME: at, ...env },
    cwd: at,
  });

const withShell: Readonly<Record<string, Way>> = {
  ...Object.fromEntries(
    shells.map((shell): [string, Way] => [
      `${shell} and curl`,
      (at, args, env) =>
        run([...asSh(shell), join(at, "bin/lanyard"), ...args], {
          env: { PATH: withCurl, LANYARD_HOME: at, ...env },
          cwd: at,
        }),
    ]),
  ),
  "the shell without curl": (at, args, env) =>
    run(["/bin/sh", join(at, "bin/lanyard"), ...args], {
      env: { PATH: withoutCurl, LANYARD_HOME: at, ...env },
      cwd: at,
    }),
};

/** Every way in which the one contract is kept on this system. */
export const ways: Readonly<Record<string, Way>> = {
  ...(isWindows ? { "cmd.exe": byCmd } : withShell),
  "the bundle itself": withoutShell,
};

/** What Claude Code sets for the helper of this connector. */
export const claude = (name: string, url = urlOf(name)): Env => ({
  CLAUDE_CODE_MCP_SERVER_NAME: name,
  CLAUDE_CODE_MCP_SERVER_URL: url,
});

/** What Claude Code makes of a helper's output: an object of strings, which goes into a request. */
export const headersOf = (stdout: string): Readonly<Record<string, string>> => {
  const value: unknown = JSON.parse(stdout);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no object");
  return Object.fromEntries(
    Object.entries(value).map(([name, text]: [string, unknown]) => {
      if (typeof text !== "string") throw new Error("no string");
      return [name, text];
    }),
  );
};

/** A header that nobody can send, before what stands in for the guard of the entry. @returns the text in its name. */
export const unsendable = (ran: Ran): string => {
  expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
  const headers = headersOf(ran.stdout);
  expect(() => new Headers(headers)).toThrow(TypeError);
  const [[name, value] = ["", "?"], ...others] = Object.entries(headers);
  expect({ value, others }).toEqual({ value: "", others: [["Authorization", "nothing-to-send"]] });
  expect(ran.stdout.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  return name;
};
