import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { NamedToolRules } from "../core/mcp/toolRules.ts";
import type { Standing } from "../ipc/api/protocol.ts";
import { AgentLine, callAgent, type AgentCall, type Called, type Unreachable } from "../ipc/client.ts";
import { paths } from "../ipc/wire.ts";
import type { RpcMessage } from "./wire/message.ts";
import { fieldsOf, parsed } from "./wire/json.ts";

/** What one request may carry, and where it goes; or the reason for none. */
export type Authorization =
  | {
      readonly kind: "authorized";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** What the connector's tools are under now. */
      readonly tools: readonly NamedToolRules[];
      /** They hold for this request alone: a signature (SigV4) or a proof (DPoP). */
      readonly isSigned?: boolean;
      /** The proxy that the window would take there. */
      readonly proxy?: string | undefined;
    }
  | ({ readonly kind: "refused"; readonly why: string } & WayOut)
  /** No window says anything of it. */
  | { readonly kind: "unreachable"; readonly how: Unreachable["kind"] };

/** What a person could do about it. */
export interface WayOut {
  /** It is in somebody's hands: another answer may come without another question. */
  readonly isWaiting?: boolean;
  /** Nothing else is to be done than to wait. */
  readonly isUnderWay?: boolean;
  /** Where the person goes on; for nobody but them. */
  readonly page?: string;
  /** The setting whose rules forbid the tool: nothing is to be done here. */
  readonly forbiddenBy?: string;
  /** Whether the rules forbid it depends on what the connector's list says of it, and that is not known yet. */
  readonly isUnlisted?: boolean;
}

export interface Ask {
  readonly method: "POST" | "GET" | "DELETE";
  /** What a POST carries. */
  readonly message?: RpcMessage;
  /** What was given last was refused with 401. */
  readonly refused?: boolean;
  /** What the connector wants proved, as it wrote it (`WWW-Authenticate`). */
  readonly challenge?: string;
  /** The time by the one who refused it. */
  readonly serverTimeMs?: number;
  /** What the connector wants in the proof (RFC 9449, section 9). */
  readonly nonce?: string | undefined;
  /** The client wants something of the connector: whoever has to approve it may be asked. */
  readonly isAsked: boolean;
}

export type Stands =
  | { readonly kind: "stands"; readonly standing: Standing; readonly entry: string }
  /** Nobody answers who could tell. */
  | { readonly kind: "away" };

export interface BridgedConnector {
  readonly home: string;
  readonly server: string;
  readonly cwd: string;
  readonly pid: number;
}

/** The window that grants. */
export interface GrantingAgent {
  authorize(ask: Ask, signal: AbortSignal): Promise<Authorization>;
  /** Resolves when the connector stands otherwise than it was told last, or when a while is over. */
  standing(signal: AbortSignal): Promise<Stands>;
  /** Has the source asked again and again. @returns whether the connector is granted; false once the signal fires. */
  granted(signal: AbortSignal): Promise<boolean>;
}

const authorizeMs = 20_000;
const standingMs = 30_000;
/** The window answers before its deadline; this is for one that hangs. */
const graceMs = 1_000;
const retryMs = 500;
/** Who is away for longer is said to be; that is to be said within a second. */
const awayMs = 600;
/** Whoever wants something of the connector waits so long for a window that lives and gets no time to answer. */
const starvedMs = 15_000;
const lookMs = 50;

export const grantingAgent = ({ home, server, cwd, pid }: BridgedConnector): GrantingAgent => {
  const who = { server, cwd };
  let known = "";
  const stand = async (
    asked: { readonly known: string; readonly follow?: boolean },
    signal: AbortSignal,
  ): Promise<StandingTold | undefined> => {
    // It is held for long: by a connection of its own.
    const called = await callAgent(home, callOf(paths.standing, asked, standingMs, signal));
    return called.kind === "reply" ? readStanding(called.body) : undefined;
  };
  const callOf = (path: string, message: object, deadlineMs: number, signal: AbortSignal): AgentCall => ({
    ...{ path, accept: "json", signal },
    message: { ...who, ...message, deadlineMs },
    timeoutMs: deadlineMs + graceMs,
  });
  const line = new AgentLine(home);
  return {
    async authorize(
      { method, message, refused = false, challenge = "", serverTimeMs, nonce, isAsked },
      signal,
    ) {
      const bodyHash = message === undefined ? "" : createHash("sha256").update(message.bytes).digest("hex");
      const told = { challenge, serverTimeMs, nonce };
      const question = { pid, method, bodyHash, refused, ...told, unasked: !isAsked };
      const call = callOf(paths.authorize, question, authorizeMs, signal);
      const called = await patiently(() => line.call(call), home, isAsked, signal);
      return called.kind === "reply"
        ? readAuthorization(called.body)
        : { kind: "unreachable", how: called.kind };
    },
    async standing(signal) {
      const stands = await stand({ known }, signal);
      known = stands?.known ?? "";
      if (stands === undefined) return { kind: "away" };
      return { kind: "stands", standing: stands.standing, entry: stands.entry };
    },
    async granted(signal) {
      for (let told: StandingTold | undefined; !signal.aborted;) {
        told = await stand({ known: told?.known ?? "", follow: true }, signal);
        if (told?.standing === "granted") return true;
        if (told === undefined) await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
      return false;
    },
  };
};

/**
 * A window that reloads, or another that takes its place, is back at once: whoever asks hears of neither. Nobody is told
 * that Lanyard is not running while a window lives.
 */
const patiently = async (
  ask: () => Promise<Called>,
  home: string,
  isAsked: boolean,
  signal: AbortSignal,
): Promise<Called> => {
  const startedMs = performance.now();
  for (;;) {
    const called = await ask();
    const isAway = called.kind === "absent" || called.kind === "lost";
    if (!isAway || signal.aborted) return called;
    const waitedMs = performance.now() - startedMs;
    if (waitedMs > awayMs) {
      const { aWindowLives } = await import("../ipc/endpoint/livingWindow.ts");
      if (!(await aWindowLives(home))) return called;
      if (!isAsked || waitedMs > starvedMs) return { kind: "timedOut" };
    }
    await delay(lookMs, undefined, { signal }).catch(() => undefined);
  }
};

/** By hand, as the rest of the helper reads replies: zod would be most of its bundle. */
const readAuthorization = (body: string): Authorization => {
  const reply = fieldsOf(parsed(body));
  const { url, proxy } = reply;
  const headers = Object.entries(fieldsOf(reply["headers"]));
  const texts = headers.filter((pair): pair is [string, string] => typeof pair[1] === "string");
  const isWhole = typeof url === "string" && texts.length > 0 && texts.length === headers.length;
  const tools = readToolRules(reply["tools"]);
  if (reply["kind"] === "authorized" && isWhole && tools !== undefined)
    return {
      ...{ kind: "authorized", url, headers: Object.fromEntries(texts), tools },
      isSigned: reply["signed"] === true,
      proxy: typeof proxy === "string" ? proxy : undefined,
    };
  const { kind, reason, url: page } = fieldsOf(reply["refusal"]);
  if (reply["kind"] !== "refused" || typeof reason !== "string")
    return { kind: "unreachable", how: "broken" };
  return {
    kind: "refused",
    why: reason,
    isWaiting: typeof kind === "string" && waiting.has(kind),
    isUnderWay: kind === "pending" || (kind === "stepUp" && page === undefined),
    ...(typeof page === "string" ? { page } : {}),
  };
};

/** @returns undefined where they make no sense: then nothing may be sent. */
const readToolRules = (value: unknown): readonly NamedToolRules[] | undefined => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const read = value.map((each: unknown): NamedToolRules | undefined => {
    const { by, allow, deny, readOnly } = fieldsOf(each);
    const isWhole = typeof by === "string" && areNames(allow) && areNames(deny) && isFlag(readOnly);
    if (!isWhole) return undefined;
    return {
      by,
      ...(allow === undefined ? {} : { allow }),
      ...(deny === undefined ? {} : { deny }),
      ...(readOnly === undefined ? {} : { readOnly }),
    };
  });
  const rules = read.filter((each) => each !== undefined);
  return rules.length === read.length ? rules : undefined;
};

const areNames = (value: unknown): value is readonly string[] | undefined =>
  value === undefined || (Array.isArray(value) && value.every((each) => typeof each === "string"));

const isFlag = (value: unknown): value is boolean | undefined =>
  value === undefined || typeof value === "boolean";

interface StandingTold {
  readonly standing: Standing;
  readonly entry: string;
  readonly known: string;
}

const readStanding = (body: string): StandingTold | undefined => {
  const { kind, standing: told, entry, known } = fieldsOf(parsed(body));
  const standing = (["granted", "open", "ended"] as const).find((each) => each === told);
  const isWhole = kind === "standing" && typeof entry === "string" && typeof known === "string";
  if (isWhole && standing !== undefined) return { standing, entry, known };
  return undefined;
};

/** The kinds of refusal that a person's act changes. */
const waiting: ReadonlySet<string> = new Set(["needsConnection", "stepUp", "pending", "signedOut"]);
