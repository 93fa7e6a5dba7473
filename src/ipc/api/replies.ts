import { checks, verdicts, type Finding } from "../../core/doctor/finding.ts";
import { plainText } from "../../core/text.ts";

/** What the helper needs of a reply, checked by hand: zod would be most of its bundle. */

const exitCodePattern = /^(?:[0-9]|10)$/;

export interface PlainReply {
  readonly exitCode: number;
  readonly text: string;
}

/** The exit code, a line feed, and a text that is not empty. */
export const readPlainReply = (body: string): PlainReply | undefined => {
  const lineFeed = body.indexOf("\n");
  const code = body.slice(0, Math.max(0, lineFeed));
  const text = body.slice(lineFeed + 1).replace(/\n+$/, "");
  return exitCodePattern.test(code) && text !== "" ? { exitCode: Number(code), text } : undefined;
};

/** What to run, with what, and where its result is awaited. */
export interface ScriptTicket {
  readonly kind: "start";
  readonly ticket: string;
  readonly issuer: string;
  readonly token: string;
  readonly program?: string;
  readonly folder?: string;
}

export type ScriptReply = ScriptTicket | ({ readonly kind: "done" } & PlainReply);

export const readScriptReply = (body: string): ScriptReply | undefined => {
  const fields = objectOf(body);
  if (fields?.["kind"] === "start") return readTicket(fields);
  const exitCode = fields?.["exitCode"];
  const text = fields?.["text"];
  if (typeof exitCode !== "number" || typeof text !== "string" || text === "") return undefined;
  return exitCodePattern.test(String(exitCode)) ? { kind: "done", exitCode, text } : undefined;
};

const readTicket = (fields: Readonly<Record<string, unknown>>): ScriptTicket | undefined => {
  const { ticket, issuer, token, program, folder } = fields;
  const isWhole = typeof ticket === "string" && typeof issuer === "string" && typeof token === "string";
  if (!isWhole || !/^[0-9a-f]{32}$/.test(ticket)) return undefined;
  if (!isTextOrAbsent(program) || !isTextOrAbsent(folder)) return undefined;
  return {
    ...{ kind: "start", ticket, issuer, token },
    ...(program === undefined ? {} : { program }),
    ...(folder === undefined ? {} : { folder }),
  };
};

const isTextOrAbsent = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === "string" && value !== "");

export interface AgentIntroduction {
  readonly version: string;
  readonly protocol: number;
  readonly pid: number;
  /** Whether it is the window that helpers find. */
  readonly leading: boolean;
}

export const readIntroduction = (body: string): AgentIntroduction | undefined => {
  const { kind, version, protocol, pid, leading } = objectOf(body) ?? {};
  const isWhole = typeof version === "string" && typeof protocol === "number" && typeof pid === "number";
  return kind === "agent" && isWhole ? { version, protocol, pid, leading: leading !== false } : undefined;
};

/** What the window found, as far as it is findings. */
export const readFindings = (body: string): readonly Finding[] => {
  const findings = objectOf(body)?.["findings"];
  return Array.isArray(findings) ? findings.flatMap(findingOf) : [];
};

const findingOf = (value: unknown): readonly Finding[] => {
  if (typeof value !== "object" || value === null) return [];
  const fields = Object.fromEntries(Object.entries(value));
  const [check, verdict] = [
    checks.find((each) => each === fields["check"]),
    verdicts.find((each) => each === fields["verdict"]),
  ];
  const { finding, remedy } = fields;
  if (check === undefined || verdict === undefined || typeof finding !== "string") return [];
  return [
    {
      ...{ check, verdict, finding: plainText(finding, 500) },
      ...(typeof remedy === "string" ? { remedy: plainText(remedy, 500) } : {}),
    },
  ];
};

/** One line, a JSON object of at least one string, as the agent writes headers: the least that Claude Code may see. */
export const looksLikeHeaders = (text: string): boolean => /^\{".*"\}$/.test(text);

const objectOf = (body: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
};
