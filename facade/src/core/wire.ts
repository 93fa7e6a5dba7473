import * as z from "zod";
import { boundedFetch } from "../../../src/core/http.ts";
import { LanyardError } from "../../../src/core/errors.ts";
import type { Clock, Fetch } from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";

/** What an identity provider or a vault has answered; a body that is no JSON object is an empty one. */
export interface WireReply {
  readonly kind: "reply";
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
}

export type WireResult = WireReply | { readonly kind: "unreachable"; readonly reason: string };

export interface WireRequest {
  readonly method?: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly signal?: AbortSignal;
}

/** Sends one request, within ten seconds and one MiB, without following a redirect. Never rejects for the network. */
export type Wire = (request: WireRequest) => Promise<WireResult>;

const objectBody = z.record(z.string(), z.unknown());

export const wireOver = (fetch: Fetch, clock: Clock): Wire => {
  const bounded = boundedFetch(fetch, clock);
  return async ({ method = "POST", url, headers = {}, form, json, signal }) => {
    try {
      const body = bodyOf(form, json);
      const response = await bounded(url, {
        method,
        headers: { accept: "application/json", ...body.headers, ...headers },
        ...(body.text === undefined ? {} : { body: body.text }),
        ...(signal === undefined ? {} : { signal }),
      });
      const retryAfter = /^\d{1,6}$/.exec(response.headers.get("retry-after") ?? "")?.[0];
      return {
        ...{ kind: "reply", status: response.status, body: parsed(await response.text()) },
        ...(retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) }),
      };
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      return { kind: "unreachable", reason: error.message };
    }
  };
};

const bodyOf = (
  form: WireRequest["form"],
  json: unknown,
): { readonly headers: Readonly<Record<string, string>>; readonly text?: string } => {
  if (form !== undefined) {
    const pairs = Object.entries(form).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    const text = new URLSearchParams(pairs).toString();
    return { headers: { "content-type": "application/x-www-form-urlencoded" }, text };
  }
  if (json === undefined) return { headers: {} };
  return { headers: { "content-type": "application/json" }, text: JSON.stringify(json) };
};

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return objectBody.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
};

/** A form that a confidential client sends (RFC 6749, section 2.3.1: for Basic both halves are form-encoded first). */
export const clientForm = (
  url: string,
  { clientId, clientAuth }: { readonly clientId: string; readonly clientAuth: "basic" | "post" },
  secret: Secret,
  form: Readonly<Record<string, string | undefined>>,
): WireRequest => {
  if (clientAuth === "post")
    return { url, form: { ...form, client_id: clientId, client_secret: secret.reveal() } };
  const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
  const authorization = `Basic ${btoa(`${encoded(clientId)}:${encoded(secret.reveal())}`)}`;
  return { url, form, headers: { authorization } };
};

/** A member of a body that is a text and is not empty. */
export const textOf = (body: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = body[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** A member of a body that is a count of seconds. */
export const secondsOf = (body: Readonly<Record<string, unknown>>, name: string): number | undefined => {
  const value = Number(body[name] ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
};
