import type { Secret } from "../../secret.ts";
import type { Connector } from "../../config/connector.ts";
import { oauthErrorRules } from "../reply/commonRules.ts";
import { ruleSchema } from "../declaration.ts";
import { type Grant, misconfigured } from "../grant.ts";
import { readHeaders } from "../headers.ts";
import { redactor, refusalOf, said, type OutcomeContext } from "../reply/outcome.ts";
import { firstMatch } from "../reply/rules.ts";
import { mostScriptOutputKb, type ScriptObstacle, type ScriptResult } from "../source.ts";

const retryMs = 2_000;

/** A script's reason is judged as the error reply of a facade would be: 400 and a JSON body. */
const status = 400;

/**
 * What a team script's end means (docs/team-scripts.md). Exit 0 with a JSON object of sendable headers on stdout is
 * granted. Any other exit is refused, for the reason in the last line of stderr that is a JSON object with `error`.
 * Of its other output nothing is shown: with `set -x` it holds the token.
 */
export const readScriptResult = (
  result: ScriptResult,
  nowMs: number,
  connector?: Connector,
  /** What the script was given: taken out of its reason. */
  token?: Secret,
): Grant => {
  const { exitCode } = result;
  if (exitCode === "timedOut") {
    return { kind: "unavailable", reason: "The script did not end in time.", retryAtMs: nowMs + retryMs };
  }
  if (exitCode === "notStarted") return notStarted(connector, result.obstacle);
  if (exitCode === "tooMuchOutput") {
    return misconfigured(
      connector,
      "The script printed more than {0} kB and was ended. It has to print the headers and nothing else.",
      mostScriptOutputKb,
    );
  }
  if (exitCode === 0) return readHeaderOutput(result.stdout, connector);
  const body = result.stderr.split("\n").map(parsed).findLast(isReason);
  return body === undefined
    ? misconfigured(
        connector,
        "The script ended with code {0} and gave no reason that Lanyard knows. Run it by hand to see its output.",
        exitCode,
      )
    : readReason(body, nowMs, connector, token);
};

const notStarted = (connector: Connector | undefined, obstacle: ScriptObstacle | undefined): Grant => {
  switch (obstacle) {
    case "notOnPath":
      return misconfigured(connector, "The script's program is not on PATH.");
    case "noShell":
      return misconfigured(
        connector,
        "A .sh script needs the shell of Git for Windows, and it is not there. Install Git, or bring a .cmd or .ps1 script for Windows.",
      );
    case "argument":
      return misconfigured(
        connector,
        "A .cmd script cannot be given an argument with a quote, a per cent sign or a line break.",
      );
    case "networkFolder":
      return misconfigured(
        connector,
        "A .cmd script cannot run in a folder of the network. Open the project by the letter of a drive.",
      );
    case undefined:
      return misconfigured(
        connector,
        "The script could not be started. Check its path and that it is executable.",
      );
  }
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
  body: unknown,
  nowMs: number,
  connector: Connector | undefined,
  token: Secret | undefined,
): Grant => {
  const secrets = token === undefined ? [] : [token];
  const context: OutcomeContext = {
    nowMs,
    answeredBy: "The script",
    connector,
    reply: { status, body, challenge: undefined, retryAfterMs: undefined },
    document: body,
    says: ["/error_description", "/error"],
    redact: redactor(secrets),
  };
  const outcome = firstMatch(rules(), context.reply)?.then;
  if (outcome !== undefined && outcome.grant !== "granted") return refusalOf(outcome, context);
  return misconfigured(connector, 'The script says: "{0}".', said(context) ?? "");
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
