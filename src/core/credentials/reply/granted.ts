import { Secret } from "../../secret.ts";
import { type Grant, misconfigured } from "../grant.ts";
import { readHeaders } from "../headers.ts";
import { unknownReply, type Judgement } from "./judgement.ts";
import { resolvePointer } from "../request/pointer.ts";
import { secondsAt, textAt } from "./reply.ts";
import { momentAfter, momentAt } from "./times.ts";
import { fillTemplate, parseTemplate } from "../request/template.ts";
import { isVariableName, secretVariables } from "../request/variables.ts";

/**
 * Makes the headers of a reply that a rule calls granted. It is still refused when its status is no success, when
 * the credential is not there or has expired, or when one header cannot be sent.
 */
export const grantedBy = (judgement: Judgement): Grant | "expired" => {
  const { declaration, reply, query, host, nowMs } = judgement;
  const value = resolvePointer(reply.body, declaration.credential.value);
  if (typeof value === "number" || typeof value === "boolean") {
    return misconfigured(
      query.connector,
      "{0} holds a number there, not a text. Store it as a string.",
      host,
    );
  }
  const found = textAt(value);
  const credential = found === undefined ? undefined : mended(found);
  if (reply.status < 200 || reply.status > 299 || credential === undefined) return unknownReply(judgement);
  const expiry = expiryOf(judgement);
  if (expiry === "unreadable") {
    return misconfigured(query.connector, "{0} sent a credential whose expiry is not a time.", host);
  }
  if (expiry !== undefined && expiry <= nowMs) return "expired";
  const made = madeHeaders(judgement, credential);
  const doubled = Object.entries(made).find(([, value]) => bearerOfSeveralWords.test(value));
  if (doubled !== undefined) {
    return misconfigured(
      query.connector,
      '{0} sent a credential with a blank, a line end or another scheme in it, which no "Bearer" header can hold. Store the bare secret.',
      host,
    );
  }
  const read = readHeaders(made);
  if (read.kind === "problem") return misconfigured(query.connector, read.template, ...read.args);
  return { kind: "granted", headers: read.headers, ...(expiry === undefined ? {} : { expiresAtMs: expiry }) };
};

/** A bearer token is one word (RFC 6750, section 2.1). */
const bearerOfSeveralWords = /^Bearer\s+\S+\s+\S/;

/** What came with a secret from the file or the page that it was copied from: blanks, a line end, quotes around it. */
const mended = (credential: string): string | undefined => {
  const text = credential.replace(/^[\s\uFEFF]+|[\s\uFEFF]+$/g, "");
  const unquoted = /^"([^"]*)"$/.exec(text)?.[1] ?? /^'([^']*)'$/.exec(text)?.[1] ?? text;
  return unquoted === "" ? undefined : unquoted;
};

/** A stored `Bearer abc`, or a whole header line, where the header that is made has the scheme already. */
const withoutScheme = (credential: string, template: string): string => {
  const scheme = /^([A-Za-z][A-Za-z0-9-]*) +\{credential\}$/.exec(template)?.[1];
  if (scheme === undefined) return credential;
  const bare = credential.replace(/^authorization\s*:\s*/i, "");
  const [first, ...rest] = bare.split(/\s+/);
  return first?.toLowerCase() === scheme.toLowerCase() && rest.length > 0 ? rest.join(" ") : bare;
};

/** A header whose pointer leads nowhere becomes empty, which is then refused: no half of a pair is passed on. */
const madeHeaders = (judgement: Judgement, credential: string): Readonly<Record<string, string>> => {
  const { declaration, reply, variables } = judgement;
  const made = Object.entries(declaration.headers).map(([name, text]) => {
    const value = fillTemplate(parseTemplate(text) ?? [], (part) => {
      if (part.kind === "pointer") return textAt(resolvePointer(reply.body, part.pointer));
      if (part.name === "credential") return withoutScheme(credential, text);
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
  const life = endless ? undefined : (secondsAt(seconds) ?? NaN);
  const inMs = life === undefined ? "never" : momentAfter(life, judgement.nowMs);
  const atMs = time === undefined ? "never" : (momentAt(time) ?? NaN);
  const earliest = Math.min(inMs === "never" ? Infinity : inMs, atMs === "never" ? Infinity : atMs);
  if (Number.isNaN(earliest)) return "unreadable";
  return earliest === Infinity ? undefined : earliest;
};

const present = (judgement: Judgement, pointer: string | undefined): unknown => {
  const value = pointer === undefined ? undefined : resolvePointer(judgement.reply.body, pointer);
  return value === null || value === "" ? undefined : value;
};
