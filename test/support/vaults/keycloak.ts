import { expect } from "vitest";
import { userToken } from "../asks.ts";
import { misconfigured, signedOut, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

/** What a realm knows of alice and of its identity provider `github`. */
interface Realm {
  readonly storesTokens?: boolean;
  readonly mayRead?: boolean;
  readonly linked?: boolean;
  readonly stored?: VaultReply | "nothing";
  readonly session?: "active" | "ended";
}

const message = (status: number, errorMessage: string): VaultReply => json(status, { errorMessage });

/** Keycloak's broker token endpoint, first version (IdentityBrokerService): its checks in its order and words. */
const keycloak =
  ({
    storesTokens = true,
    mayRead = true,
    linked = true,
    stored = "nothing",
    session = "active",
  }: Realm): Vault =>
  (request) => {
    if (request.method !== "GET" || request.path !== "/realms/acme/broker/github/token")
      return notFound(request);
    if (session === "ended" || request.headers["authorization"] !== `Bearer ${userToken}`) {
      return message(400, "Invalid token.");
    }
    if (!mayRead) {
      return message(
        403,
        "Client [lanyard] not authorized to retrieve tokens from identity provider [github].",
      );
    }
    if (!storesTokens) return message(400, "Identity Provider [github] does not support this operation.");
    if (!linked) return message(400, "User [1f2e] is not associated with identity provider [github].");
    if (stored === "nothing") {
      return message(404, "No token stored for user [1f2e] with associated identity provider [github].");
    }
    return stored;
  };

/** Answers the first question so, and all others otherwise. */
const twice = (first: VaultReply, then: VaultReply): Vault => {
  let asked = 0;
  return () => ((asked += 1) % 2 === 1 ? first : then);
};

const console = (origin: string): string => `${origin}/realms/acme/account/account-security/linked-accounts`;

export const keycloakCase: SourceCase = {
  source: "keycloak",
  place: "/access_token",
  entry: ({ origin }) => ({ source: "keycloak", realm: `${origin}/realms/acme/`, alias: "github" }),
  granting: (credential) =>
    keycloak({ stored: json(200, { access_token: credential, token_type: "bearer", expires_in: 60 }) }),
  headers: (credential) => ({ Authorization: `Bearer ${credential}` }),
  answers: [
    {
      answer: "the stored OpenID token, with the end that Keycloak wrote beside it",
      vault: keycloak({
        stored: json(200, { access_token: "upstream", expires_in: 60, accessTokenExpiration: 1_700_000_900 }),
      }),
      means: () => ({
        kind: "granted",
        headers: { Authorization: "Bearer upstream" },
        expiresAtMs: 1_700_000_900_000,
      }),
    },
    {
      answer: "the stored reply as GitHub once sent it, form-encoded",
      vault: keycloak({
        stored: { status: 200, text: "access_token=gho_1&scope=read%3Auser&token_type=bearer" },
      }),
      means: () => ({ kind: "granted", headers: { Authorization: "Bearer gho_1" } }),
    },
    {
      answer: "a stored token that is over",
      vault: keycloak({
        stored: json(200, { access_token: "old", expires_in: 60, accessTokenExpiration: 1_699_999_000 }),
      }),
      means: ({ origin }) => ({
        kind: "needsConnection",
        url: console(origin),
        reason: expect.stringContaining("expired") as string,
      }),
    },
    { answer: "a token that the realm refuses", vault: keycloak({ session: "ended" }), means: signedOut },
    {
      answer: "a client without broker.read-token",
      vault: keycloak({ mayRead: false }),
      means: () => ({ kind: "denied", by: "policy" }),
    },
    {
      answer: "an account that is not linked",
      vault: keycloak({ linked: false }),
      means: ({ origin }) => ({ kind: "needsConnection", url: console(origin) }),
    },
    {
      answer: "an account that is not linked, with a page in the entry",
      entry: () => ({ connectUrl: "https://intranet.example.com/link" }),
      vault: keycloak({ linked: false }),
      means: () => ({ kind: "needsConnection", url: "https://intranet.example.com/link" }),
    },
    {
      answer: "a linked account without a token",
      vault: keycloak({ stored: "nothing" }),
      means: ({ origin }) => ({ kind: "needsConnection", url: console(origin) }),
    },
    {
      answer: "an identity provider that stores no tokens",
      vault: keycloak({ storesTokens: false }),
      means: misconfigured,
    },
    {
      answer: "a realm that is not there",
      vault: () => json(404, { error: "Realm does not exist" }),
      means: misconfigured,
    },
    {
      answer: "an identity provider that cannot be reached, in HTML",
      vault: () => ({ status: 502, text: "<html>We are sorry</html>" }),
      means: ({ nowMs }) => ({ kind: "unavailable", retryAtMs: nowMs + 2000 }),
    },
    {
      answer: "a stored token that the provider has ended, twice",
      vault: () => message(502, "Unable to refresh token"),
      means: ({ origin }) => ({ kind: "needsConnection", url: console(origin) }),
    },
    {
      answer: "a stored token whose renewal failed beside another's, and is there the second time",
      vault: twice(message(502, "Unable to refresh token"), json(200, { access_token: "up" })),
      means: () => ({ kind: "granted", headers: { Authorization: "Bearer up" } }),
    },
    {
      answer: "another alias than the realm has",
      vault: () => json(502, { error: "Could not obtain token from identity provider." }),
      means: misconfigured,
    },
    {
      answer: "the second version of the interface, which takes no public client",
      vault: () => message(400, "Identity Brokering API feature not enabled"),
      means: misconfigured,
    },
    {
      answer: "an upstream error stored as it came",
      vault: keycloak({ stored: { status: 200, text: "error=bad_verification_code" } }),
      means: misconfigured,
    },
  ],
};
