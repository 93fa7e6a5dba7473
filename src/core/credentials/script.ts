import type { Connector } from "../config/connector.ts";
import { oauthErrorRules } from "./commonRules.ts";
import { ruleSchema } from "./declaration.ts";
import type { Grant } from "./grant.ts";
import { readHeaders } from "./headers.ts";
import { refusalOf } from "./outcome.ts";
import { misconfigured } from "./problem.ts";
import { firstMatch } from "./rules.ts";
import type { ScriptResult } from "./source.ts";

const retryMs = 5_000;

/** A script's reason is judged as the error reply of a facade would be: 400 and a JSON body. */
const status = 400;

/**
 * What a team script's end means (docs/team-scripts.md). Exit 0 with a JSON object of sendable headers on stdout is
 * granted. Any other exit is refused, for the reason in the last line of stderr that is a JSON object with `error`.
 * Of its other output nothing is shown: with `set -x` it holds the token.
 */
export const readScriptResult = (result: ScriptResult, nowMs: number, connector?: Connector): Grant => {
  const { exitCode } = result;
  if (exitCode === "timedOut") {
    return { kind: "unavailable", reason: "The script did not end in time.", retryAtMs: nowMs + retryMs };
  }
  if (exitCode === "notStarted") {
    return misconfigured(
      connector,
      "The script could not be started. Check its path and that it is executable.",
    );
  }
  if (exitCode === 0) return readHeaderOutput(result.stdout, connector);
  return readReason(result.stderr, exitCode, nowMs, connector);
};

const readHeaderOutput = (stdout: string, connector: Connector | undefined): Grant => {
  const read = readHeaders(parsed(stdout));
  return read.kind === "headers"
    ? { kind: "granted", headers: read.headers }
    : misconfigured(
        connector,
        `The script ended well, but its output is not usable. ${read.template}`,
        ...read.args,
      );
};

const readReason = (
  stderr: string,
  exitCode: number,
  nowMs: number,
  connector: Connector | undefined,
): Grant => {
  const body = stderr.split("\n").map(parsed).findLast(isReason);
  const reply = { status, body, challenge: undefined, retryAfterMs: undefined };
  const rule = body === undefined ? undefined : firstMatch(rules(), reply);
  if (rule === undefined || rule.then.grant === "granted") {
    return misconfigured(
      connector,
      "The script ended with code {0} and gave no reason that Lanyard knows. Run it by hand to see its output.",
      exitCode,
    );
  }
  return refusalOf(rule.then, {
    nowMs,
    answeredBy: "The script",
    connector,
    reply,
    document: body,
    says: ["/error_description", "/error"],
    redact: (text) => text,
  });
};

const rules = (): readonly ReturnType<typeof ruleSchema.parse>[] =>
  oauthErrorRules.map((rule) => ruleSchema.parse(rule));

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isReason = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "error" in value && typeof value.error === "string";
