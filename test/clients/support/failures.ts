import { helperCommand } from "../../../src/core/config/command/helperCommand.ts";
import { goodCredential } from "./recorder.ts";

const good = JSON.stringify({ Authorization: goodCredential });
const launcher = helperCommand;

/** Failures that one run of the client can have together. */
export type Surroundings = "usual" | "untrusted" | "noHome" | "errexit";

export interface Failure {
  readonly headersHelper: string;
  readonly surroundings: Surroundings;
}

const usual = (headersHelper: string): Failure => ({ headersHelper, surroundings: "usual" });

/** The ways in which a helper does not answer, by what a table calls them. */
export const failures: Readonly<Record<string, Failure>> = {
  "helper missing": usual(launcher),
  "not executable, as on a noexec mount": usual("./helpers/notExecutable"),
  "prints nothing": usual("true"),
  "prints {}": usual("echo '{}'"),
  "prints no JSON": usual(`echo ${goodCredential}`),
  "prints an array": usual(`echo '[${good}]'`),
  "prints a value that is no string": usual(`echo '{"Authorization":5}'`),
  "prints text before good JSON": usual(`echo hello; echo '${good}'`),
  "exit 1 after good JSON": usual(`echo '${good}'; exit 1`),
  "killed by a signal": usual("kill -9 $$"),
  "over 10 s": usual(`sleep 11; echo '${good}'`),
  "a string for another shell": usual('& "$env:USERPROFILE\\.lanyard\\bin\\lanyard.cmd" headers'),
  "trust never stored": { headersHelper: `echo '${good}'`, surroundings: "untrusted" },
  "HOME unset": { headersHelper: launcher, surroundings: "noHome" },
  "SHELLOPTS=errexit and bash as sh": {
    headersHelper: "exec bash --posix ./helpers/refusesAfterAnError",
    surroundings: "errexit",
  },
};

/** A helper that answers, to see that the guard gives way to it. */
export const answering: Failure = usual(`echo '${good}'`);

/** The files that the helpers above name, as `text` and `mode`. */
export const helperFiles: Readonly<Record<string, { readonly text: string; readonly mode: number }>> = {
  notExecutable: { text: `#!/bin/sh\necho '${good}'\n`, mode: 0o644 },
  /** Prints a header that cannot be sent when its question fails: with errexit it does not come so far. */
  refusesAfterAnError: {
    text: `#!/bin/sh\nreply=$(exit 7)\n[ $? = 0 ] || { printf '{"No credential here":""}\\n'; exit 0; }\n`,
    mode: 0o755,
  },
};
