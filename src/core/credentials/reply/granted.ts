import { Secret } from "../../secret.ts";
import { type Grant, misconfigured } from "../grant.ts";
import { readHeaders } from "../headers.ts";
import { unknownReply, type Judgement } from "./judgement.ts";
import { resolvePointer } from "../request/pointer.ts";
import { secondsAt, textAt, timeAt } from "./reply.ts";
import { fillTemplate, parseTemplate } from "../request/template.ts";
import { isVariableName, secretVariables } from "../request/variables.ts";

/**
 * Makes the headers of a reply that a rule calls granted. It is still refused when its status is no success, when
 * the credential is not there or has expired, or when one header cannot be sent.
 */
export const grantedBy = (judgement: Judgement): Grant | "expired" => {
  const { declaration, reply, query, host, nowMs } = judgement;
  const credential = textAt(resolvePointer(reply.body, declaration.credential.value));
  if (reply.status < 200 || reply.status > 299 || credential === undefined) return unknownReply(judgement);
  const expiry = expiryOf(judgement);
  if (expiry === "unreadable") {
    return misconfigured(query.connector, "{0} sent a credential whose expiry is not a time.", host);
  }
  if (expiry !== undefined && expiry <= nowMs) return "expired";
  const read = readHeaders(madeHeaders(judgement, credential));
  if (read.kind === "problem") return misconfigured(query.connector, read.template, ...read.args);
  return { kind: "granted", headers: read.headers, ...(expiry === undefined ? {} : { expiresAtMs: expiry }) };
};

/** A header whose pointer leads nowhere becomes empty, which is then refused: no half of a pair is passed on. */
const madeHeaders = (judgement: Judgement, credential: string): Readonly<Record<string, string>> => {
  const { declaration, reply, variables } = judgement;
  const made = Object.entries(declaration.headers).map(([name, text]) => {
    const value = fillTemplate(parseTemplate(text) ?? [], (part) => {
      if (part.kind === "pointer") return textAt(resolvePointer(reply.body, part.pointer));
      if (part.name === "credential") return credential;
      if (!isVariableName(part.name) || secretVariables.has(part.name)) return undefined;
      const variable = variables[part.name];
      return variable instanceof Secret ? undefined : variable;
    });
    return [name, value ?? ""] as const;
  });
  return Object.fromEntries(made);
};

/** The earliest that the reply gives, in milliseconds. Zero and `null` as a point in time mean that there is none. */
const expiryOf = (judgement: Judgement): number | "unreadable" | undefined => {
  const { expiresIn, expiresAt, zero } = judgement.declaration.credential;
  const seconds = present(judgement, expiresIn);
  const time = present(judgement, expiresAt);
  const endless = seconds === undefined || (zero === "never" && Number(seconds) === 0);
  const inMs = endless ? Infinity : judgement.nowMs + (secondsAt(seconds) ?? NaN) * 1000;
  const atMs = time === undefined || Number(time) === 0 ? Infinity : (timeAt(time) ?? NaN);
  const earliest = Math.min(inMs, atMs);
  if (Number.isNaN(earliest)) return "unreadable";
  return earliest === Infinity ? undefined : earliest;
};

const present = (judgement: Judgement, pointer: string | undefined): unknown => {
  const value = pointer === undefined ? undefined : resolvePointer(judgement.reply.body, pointer);
  return value === null || value === "" ? undefined : value;
};
