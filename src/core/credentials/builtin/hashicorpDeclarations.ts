import type { HashicorpConfig } from "./hashicorpConfig.ts";
import { grantsWith } from "../reply/commonRules.ts";
import type { DeclarationInput, ReplyRuleInput } from "../declaration.ts";
import { withoutUndefined } from "../request/variables.ts";
import { resolvePointer } from "../request/pointer.ts";
import { encodedPath, literal } from "../request/template.ts";
import { trimmed } from "./hashicorpPath.ts";

export const vaultTokenHeader = "X-Vault-Token";

type RequestInput = DeclarationInput["request"];

/** People copy the address with the slash at its end, or with the interface's first segment. */
const urlOf = ({ address }: HashicorpConfig, path: string): string =>
  `${literal(address.replace(/\/+$/, "").replace(/\/v1$/, ""))}/v1/${path}`;

const mountOf = (given: string | undefined, usual: string): string =>
  encodedPath(literal(trimmed(given ?? usual)));

const nodesOf = ({ nodes = [] }: HashicorpConfig): Pick<DeclarationInput, "nodes"> => ({ nodes });

/** `X-Vault-Request` is what Vault's own agent sends, so that a listener may demand it against request forgery. */
const headersOf = ({ namespace }: HashicorpConfig, withToken: boolean): Record<string, string> =>
  withoutUndefined({
    "X-Vault-Request": "true",
    "X-Vault-Namespace": namespace === undefined ? undefined : literal(namespace),
    [vaultTokenHeader]: withToken ? "{stepToken}" : undefined,
  });

/** Vault speaks in `errors`, and tells many of its 400s apart by their words alone. */
const saying = (words: string): Record<string, { contains: string }> => ({
  "/errors/0": { contains: words },
});
const says = ["/errors/0", "/warnings/0"];

/** Not ready, rate-limited, standby or sealed (Vault HTTP API, "HTTP status codes"). */
const unavailable: ReplyRuleInput = {
  when: { status: [412, 429, 472, 473, "5xx"] },
  then: { grant: "unavailable" },
};

const misconfigured = (when: ReplyRuleInput["when"], problem: string): ReplyRuleInput => ({
  when,
  then: { grant: "misconfigured", problem },
});

/**
 * What Vault's JWT method says of a token (hashicorp/cap, `jwt.Validator`), all with the same status. Only one that is
 * over or badly signed is dead; words that are not here count as that, and are shown where the sign-in stands.
 */
const tokenRules: readonly ReplyRuleInput[] = [
  ...["fetching keys", "get keys failed"].map((words): ReplyRuleInput => ({
    when: { status: [400, 403], match: saying(words) },
    then: { grant: "unavailable" },
  })),
  ...["not yet valid", "issued in the future", "(nbf)", "(iat)"].map((words): ReplyRuleInput => ({
    when: { status: [400, 403], match: saying(words) },
    then: {
      grant: "misconfigured",
      problem:
        "{0} takes the token for one of the future ({2}): the clocks of it and of the identity provider differ.",
      passes: true,
    },
  })),
  ...["three parts", "compact JWS", "malformed", "error parsing token"].map((words) =>
    misconfigured(
      { status: [400, 403], match: saying(words) },
      '{0} got a token that is no JWT ({2}). Write "login": "id_token", or have the identity provider make JWTs.',
    ),
  ),
  ...["audience", "(aud)", "issuer", "(iss)", "subject", "(sub)"].map((words) =>
    misconfigured(
      { status: [400, 403], match: saying(words) },
      "{0} does not take tokens of this kind: {2}. Compare the role's bounds and the method's configuration with the token.",
    ),
  ),
  {
    when: { status: [400, 403], match: saying("error validating token") },
    then: { grant: "signedOut" },
  },
  { when: { status: [400, 403], match: saying("error verifying token") }, then: { grant: "signedOut" } },
];

export const loginDeclaration = (given: HashicorpConfig): DeclarationInput => ({
  ...nodesOf(given),
  request: {
    ...{ method: "POST", repeatable: true },
    url: urlOf(given, `auth/${mountOf(given.authMount, "jwt")}/login`),
    headers: headersOf(given, false),
    json: { role: literal(given.role), jwt: given.login === "id_token" ? "{idToken}" : "{userToken}" },
  },
  credential: { value: "/auth/client_token", expiresIn: "/auth/lease_duration", zero: "never" },
  headers: { [vaultTokenHeader]: "{credential}" },
  rules: [
    grantsWith("/auth/client_token"),
    misconfigured(
      { status: "2xx", match: { "/auth/mfa_requirement": { present: true } } },
      "{0} asks for its own second factor at login, which Lanyard cannot answer. Ask for it at the identity provider instead.",
    ),
    {
      when: { status: [400, 403], match: saying("error validating claims") },
      then: { grant: "denied", by: "policy" },
    },
    ...tokenRules,
    misconfigured(
      { status: 403 },
      "{0} refuses the login ({2}). Check namespace and authMount, and whether Vault has your entity disabled or your address refused.",
    ),
    misconfigured({ status: [400, 404] }, "{0} does not know this login: {2}. Check authMount and role."),
    unavailable,
  ],
  says,
});

/** What the refusals of both engines have in common. */
const readRules = ({ connectUrl }: HashicorpConfig, absent: string): ReplyRuleInput[] => [
  {
    when: { status: 403 },
    then: { grant: "denied", by: "policy", reason: "A Vault policy refuses access." },
  },
  connectUrl === undefined
    ? misconfigured({ status: 404 }, absent)
    : {
        when: { status: 404 },
        then: { grant: "needsConnection", url: connectUrl, reason: "Nothing is stored for you yet." },
      },
  unavailable,
];

/** Vault Enterprise wraps the reply until somebody has approved: the wrapping token is asked again, then unwrapped. */
const controlGroup = (given: HashicorpConfig): Pick<DeclarationInput, "deferred"> => ({
  deferred: {
    code: "/wrap_info/token",
    request: {
      method: "POST",
      url: urlOf(given, "sys/wrapping/unwrap"),
      headers: headersOf(given, true),
      json: { token: "{deferralCode}" },
    },
  },
});

const controlGroupRules: ReplyRuleInput[] = [
  {
    when: { status: "2xx", match: { "/wrap_info/token": { present: true } } },
    then: { grant: "pending", expiresIn: "/wrap_info/ttl" },
  },
  { when: { status: [400, 403], match: saying("further approval") }, then: { grant: "pending" } },
];

const escapePointer = (member: string): string => member.replaceAll("~", "~0").replaceAll("/", "~1");

const kvDeclaration = (given: HashicorpConfig, path: string): DeclarationInput => {
  const field = given.field ?? "token";
  const value = `/data/data/${escapePointer(field)}`;
  return {
    request: {
      url: urlOf(given, `${mountOf(given.mount, "secret")}/data/${path}`),
      headers: headersOf(given, true),
    },
    ...controlGroup(given),
    credential: { value, expiresIn: "/lease_duration", zero: "never" },
    rules: [
      grantsWith(value),
      ...controlGroupRules,
      misconfigured(
        { status: "2xx" },
        "{0} holds a secret there, but the field that the entry names has no text.",
      ),
      misconfigured(
        { status: 404, match: { "/data/metadata": { present: true } } },
        "{0} held a secret there, but it was deleted.",
      ),
      ...readRules(
        given,
        "{0} holds no secret at this path. Check mount and path; KV version 1 is read with the engine read.",
      ),
    ],
    says,
  };
};

/** The provider has ended the grant that the engine holds: nothing but a new one helps. */
const deadGrants = ({ connectUrl }: HashicorpConfig): ReplyRuleInput[] =>
  ["invalid_grant", "device code exchange failed"].map((words) => {
    const when = { status: [400, 403, 500], match: saying(words) };
    return connectUrl === undefined
      ? misconfigured(
          when,
          "The provider has ended what {0} holds of you ({2}). Connect again there, and name the page in connectUrl.",
        )
      : {
          when,
          then: {
            grant: "needsConnection",
            url: connectUrl,
            reason: "The provider has ended the connection. Connect again.",
          },
        };
  });

const oauthDeclaration = (given: HashicorpConfig, path: string): DeclarationInput => ({
  request: {
    url: urlOf(
      given,
      `${mountOf(given.mount, "oauth2")}/creds/${path}?minimum_seconds=${given.minimumSeconds ?? 60}`,
    ),
    headers: headersOf(given, true),
  },
  ...controlGroup(given),
  credential: {
    value: "/data/access_token",
    expiresIn: "/lease_duration",
    expiresAt: "/data/expire_time",
    zero: "never",
  },
  rules: [
    grantsWith("/data/access_token"),
    ...controlGroupRules,
    { when: { status: 400, match: saying("token pending issuance") }, then: { grant: "pending" } },
    ...deadGrants(given),
    ...readRules(given, "{0} holds no OAuth credential of this name. Check mount and path."),
  ],
  says,
});

/** Whatever can be read: KV version 1, signed tokens (`identity/oidc/token/ROLE`), credentials with a lease. */
const anyDeclaration = (given: HashicorpConfig, path: string): DeclarationInput => {
  const value = given.value ?? "/data/token";
  return {
    request: {
      url: urlOf(given, given.mount === undefined ? path : `${mountOf(given.mount, "")}/${path}`),
      headers: headersOf(given, true),
    },
    ...controlGroup(given),
    credential: {
      ...{ value, expiresIn: given.expiresIn ?? "/lease_duration", zero: "never" },
      ...(given.expiresAt === undefined ? {} : { expiresAt: given.expiresAt }),
    },
    rules: [
      grantsWith(value),
      ...controlGroupRules,
      misconfigured({ status: "2xx" }, "{0} answered, but holds no text where the entry's value points."),
      ...readRules(given, "{0} has nothing to read at this path. Check the path."),
    ],
    says,
  };
};

const engines = { kv: kvDeclaration, oauth: oauthDeclaration, read: anyDeclaration } as const;

/** @param path of the secret, with what the login told filled in. */
export const readDeclaration = (given: HashicorpConfig, path: string): DeclarationInput => ({
  ...nodesOf(given),
  ...engines[given.engine ?? "kv"](given, path),
  ...(given.headers === undefined ? {} : { headers: given.headers }),
});

/** Vault's words beside a 403: for a token that is over, and for one that no policy lets through. */
const wordsOf403 = { dead: "invalid token", policy: "1 error occurred" } as const;

/** Whose fault a 403 is; older servers say the same of both. */
export const verdictOf = (body: unknown): "dead" | "policy" | "unclear" => {
  const words = resolvePointer(body, "/errors/0");
  if (typeof words !== "string") return "unclear";
  if (words.includes(wordsOf403.dead)) return "dead";
  return words.includes(wordsOf403.policy) ? "policy" : "unclear";
};

export const lookUpSelfRequest = (given: HashicorpConfig): RequestInput => ({
  url: urlOf(given, "auth/token/lookup-self"),
  headers: headersOf(given, true),
});

export const revokeRequest = (given: HashicorpConfig): RequestInput => ({
  method: "POST",
  url: urlOf(given, "auth/token/revoke-self"),
  headers: headersOf(given, true),
});
