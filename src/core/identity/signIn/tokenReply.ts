import * as z from "zod";
import type { Fetch } from "../../ports.ts";

type Members = Readonly<Record<string, unknown>>;

/** What a token endpoint said, before anything is judged. */
export interface TokenEndpointSaid {
  readonly status: number;
  /** By the server's own clock (RFC 9110, section 6.6.1), where it says so. */
  readonly dateMs: number | undefined;
  /** The members of its JSON object without those that say nothing; `undefined` where the reply is not a JSON object. */
  readonly members: Members | undefined;
}

/**
 * Stands between openid-client and a token endpoint, and keeps what was said: a reply that openid-client refuses may
 * hold a refresh token that there is no other copy of. What it lets through has been mended: members and claims that
 * are `null` or empty are left out, and an ID token is spelt as openid-client reads it.
 */
export class TokenReplies {
  readonly #clientId: string;
  readonly #idToken: "pass" | "keepBack";
  #said: TokenEndpointSaid | undefined;

  constructor(clientId: string, idToken: "pass" | "keepBack") {
    this.#clientId = clientId;
    this.#idToken = idToken;
  }

  get said(): TokenEndpointSaid | undefined {
    return this.#said;
  }

  /** A text among the members of a successful reply. */
  text(name: string): string | undefined {
    const said = this.#said;
    const value = said !== undefined && isSuccess(said) ? said.members?.[name] : undefined;
    return typeof value === "string" ? value : undefined;
  }

  through(fetch: Fetch, endpoint: string | undefined): Fetch {
    return async (url, init) => {
      const response = await fetch(url, init);
      return endpoint !== undefined && new URL(url).href === new URL(endpoint).href
        ? this.#read(response)
        : response;
    };
  }

  async #read(response: Response): Promise<Response> {
    const { status, headers } = response;
    const members = membersOf(await response.clone().text());
    const dateMs = Date.parse(headers.get("date") ?? "");
    this.#said = { status, members, dateMs: Number.isNaN(dateMs) ? undefined : dateMs };
    if (!isSuccess(this.#said) || members === undefined) return response;
    if (typeof members["access_token"] === "string") return json(200, this.#mended(members), headers);
    return wordIn(members) === undefined ? response : json(400, members, headers);
  }

  #mended(members: Members): Members {
    const { id_token: idToken, refresh_token: refreshToken, expires_in: expiresIn, scope, ...rest } = members;
    const seconds = Number(expiresIn);
    return {
      token_type: "Bearer",
      ...rest,
      ...(seconds > 0 && Number.isFinite(seconds) ? { expires_in: seconds } : {}),
      ...(typeof scope === "string" ? { scope } : {}),
      ...(typeof refreshToken === "string" ? { refresh_token: refreshToken } : {}),
      ...(this.#idToken === "keepBack" || idToken === undefined
        ? {}
        : { id_token: mendedIdToken(idToken, this.#clientId) }),
    };
  }
}

const isSuccess = ({ status }: TokenEndpointSaid): boolean => status >= 200 && status < 300;

const json = (status: number, members: Members, headers: Headers): Response => {
  const mended = new Headers(headers);
  for (const name of ["content-length", "content-encoding", "www-authenticate"]) mended.delete(name);
  mended.set("content-type", "application/json");
  return new Response(JSON.stringify(members), { status, headers: mended });
};

const object = z.record(z.string(), z.unknown());

const membersOf = (text: string): Members | undefined => {
  try {
    const parsed = object.safeParse(JSON.parse(text.replace(/^\uFEFF/, "")));
    return parsed.success ? said(parsed.data) : undefined;
  } catch {
    return undefined;
  }
};

/** `null` and the empty string say the same as a member that is not there. */
const said = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== ""));

/** The word by which an authorization server says what went wrong (RFC 6749, section 5.2). */
export const wordIn = (members: Members | undefined): string | undefined => {
  const error = members?.["error"];
  const nested = object.safeParse(error);
  const named = nested.success ? (nested.data["code"] ?? nested.data["type"] ?? nested.data["error"]) : error;
  return typeof named === "string" && isWord(named) ? named : undefined;
};

/** An error's code as protocols have them; frameworks and firewalls write sentences. */
export const isWord = (text: string): boolean => /^[a-z][a-z0-9_.-]*$/.test(text);

/** What the server says to people about it. */
export const descriptionIn = (members: Members | undefined): string | undefined => {
  const description = members?.["error_description"];
  return typeof description === "string" ? description : undefined;
};

/** The claims of an ID token as they were sent, unjudged; `undefined` where it cannot be read. */
export const claimsSent = (idToken: unknown): Members | undefined => {
  const payload = typeof idToken === "string" ? idToken.split(".")[1] : undefined;
  if (payload === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (byte) =>
      byte.charCodeAt(0),
    );
    const parsed = object.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The same ID token in the spelling that openid-client reads: times as numbers, and `azp` beside several audiences,
 * which the errata of OpenID Connect Core (section 3.1.3.7) no longer demand. It is read here and kept nowhere; what is
 * kept is what was sent. That its signature then fits no longer plays no part: TLS vouches for it (rule 6 there).
 */
export const mendedIdToken = (idToken: unknown, clientId: string): unknown => {
  const claims = claimsSent(idToken);
  if (typeof idToken !== "string" || claims === undefined) return idToken;
  const parts = idToken.split(".");
  const text = JSON.stringify(mendedClaims(claims, clientId));
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  const payload = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return [parts[0], payload, ...parts.slice(2)].join(".");
};

const times = ["iat", "nbf", "exp", "auth_time"];

const mendedClaims = (claims: Members, clientId: string): Members => {
  const { auth_time: authTime, ...rest } = Object.fromEntries(
    Object.entries(said(claims)).map(([name, value]) => [
      name,
      times.includes(name) ? secondsOf(value) : value,
    ]),
  );
  const { aud, azp } = rest;
  return {
    ...rest,
    ...(typeof authTime === "number" && authTime > 0 ? { auth_time: authTime } : {}),
    ...(Array.isArray(aud) && aud.includes(clientId) && azp === undefined ? { azp: clientId } : {}),
  };
};

/** Seconds since the epoch, also as text or as a date. */
const secondsOf = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value);
  const ms = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? value : Math.floor(ms / 1000);
};
