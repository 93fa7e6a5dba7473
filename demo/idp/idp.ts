import Provider, { type KoaContextWithOIDC } from "oidc-provider";
import type { Listener } from "../http/listener.ts";
import type { PageReply } from "../http/reply.ts";
import type { Stats } from "../stats.ts";
import type { ExchangeRequest } from "../vault/formats/exchangeRequest.ts";
import type { Subject } from "../vault/subject.ts";
import { tokenExchangeGrant } from "./client.ts";
import { idpConfiguration } from "./configuration.ts";
import { isInteraction, serveInteraction } from "./interactions.ts";
import { Store } from "./store.ts";
import { markTokens } from "./tokenMarks.ts";
import { prefillUserCode } from "./views.ts";

export interface IdpParts {
  readonly listener: Listener;
  readonly accessTokenSeconds: number;
  readonly isResource: (uri: string) => boolean;
  readonly stats: Stats;
  readonly log: (line: string) => void;
  /** Answers RFC 8693 requests: the vault's part of the token endpoint. */
  readonly exchange: (question: ExchangeRequest) => Promise<PageReply>;
}

/** The identity provider, with what the rest of Acme may ask of it. */
export interface Idp {
  readonly issuer: string;
  /** Who an access token speaks for; undefined when it is unknown, expired or revoked. */
  findSubject(token: string): Promise<Subject | undefined>;
  isRevoked(username: string): boolean;
  /** Ends everything of this person at once; they cannot sign in until restored. */
  revoke(username: string): void;
  restore(username: string): void;
  /** Live browser sessions and editors signed in. */
  presence(username: string): { readonly sessions: number; readonly refreshTokens: number };
}

/** Starts the identity provider on its listener. */
export const startIdp = (parts: IdpParts): Idp => {
  const issuer = parts.listener.url;
  const store = new Store();
  const revoked = new Set<string>();
  const isRevoked = (username: string): boolean => revoked.has(username);
  const provider = new Provider(issuer, idpConfiguration({ ...parts, issuer, store, isRevoked }));
  provider.use(observe(parts.stats));
  provider.on("server_error", (_ctx, error) => parts.log(`The IdP failed: ${String(error)}`));
  provider.silent = true;
  markTokens(provider);
  registerExchange(provider, parts.exchange);

  const answer = provider.callback();
  parts.listener.serve((request, response) => {
    if (isInteraction(request)) {
      void serveInteraction({ provider, isRevoked, log: parts.log }, request, response);
    } else {
      void answer(request, response);
    }
  });

  return {
    issuer,
    isRevoked,
    findSubject: (token) => findSubject(provider, isRevoked, token),
    revoke: (username) => {
      revoked.add(username);
      store.forgetAccount(username);
    },
    restore: (username) => {
      revoked.delete(username);
    },
    presence: (username) => ({
      sessions: store.countFor(username, "Session"),
      refreshTokens: store.countFor(username, "RefreshToken"),
    }),
  };
};

const observe =
  (stats: Stats) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const oidc = oidcOf(ctx);
    if (oidc === undefined) return;
    prefillUserCode(ctx);
    const { route, params } = oidc;
    if (route === "userinfo" || route === "revocation") {
      stats.count(route === "userinfo" ? "userinfo" : "revocations");
    }
    const grant = params?.["grant_type"];
    if (route !== "token" || typeof grant !== "string") return;
    stats.count(`grant:${grant}`);
    if (grant === "refresh_token") stats.count(ctx.status === 200 ? "refreshes" : "refreshFailures");
  };

/** Undefined where nothing of oidc-provider's answers, such as for a favicon. */
const oidcOf = (ctx: {
  readonly oidc?: KoaContextWithOIDC["oidc"];
}): KoaContextWithOIDC["oidc"] | undefined => ctx.oidc;

const findSubject = async (
  provider: Provider,
  isRevoked: (username: string) => boolean,
  token: string,
): Promise<Subject | undefined> => {
  const found = await provider.AccessToken.find(token);
  if (found === undefined || isRevoked(found.accountId)) return undefined;
  const acr = found.extra?.["acr"];
  const authTime = found.extra?.["auth_time"];
  return {
    user: found.accountId,
    acr: typeof acr === "string" ? acr : undefined,
    authTimeSeconds: typeof authTime === "number" ? authTime : undefined,
    keyThumbprint: found.jkt,
  };
};

const exchangeParameters = [
  "subject_token",
  "subject_token_type",
  "requested_token_type",
  "resource",
  "audience",
  "scope",
] as const;

/** Puts the vault behind the token endpoint (RFC 8693), so that a client needs one address only. */
const registerExchange = (provider: Provider, exchange: IdpParts["exchange"]): void => {
  provider.registerGrantType(
    tokenExchangeGrant,
    async (ctx) => {
      const form = new URLSearchParams();
      for (const name of exchangeParameters) {
        const value = ctx.oidc.params[name];
        for (const one of Array.isArray(value) ? value : [value])
          if (typeof one === "string") form.append(name, one);
      }
      const gone = new AbortController();
      ctx.res.once("close", () => gone.abort());
      const { headers, method } = ctx.req;
      const url = `${provider.issuer}${ctx.path}`;
      const reply = await exchange({ form, headers, method: method ?? "POST", url, signal: gone.signal });
      ctx.status = reply.status;
      ctx.set({ ...reply.headers });
      ctx.body = reply.body;
    },
    exchangeParameters,
    ["resource", "audience"],
  );
};
