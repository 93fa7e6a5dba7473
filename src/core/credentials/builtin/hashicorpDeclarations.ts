import type { HashicorpConfig } from "./hashicorpConfig.ts";
import { grantsWith } from "../reply/commonRules.ts";
import type { DeclarationInput, ReplyRuleInput } from "../declaration.ts";
import { withoutUndefined } from "../request/variables.ts";
import { encodedPath, literal } from "../request/template.ts";

export const vaultTokenHeader = "X-Vault-Token";

type RequestInput = DeclarationInput["request"];

const urlOf = ({ address }: HashicorpConfig, path: string): string =>
  `${literal(address.replace(/\/+$/, ""))}/v1/${path}`;

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

export const loginDeclaration = (given: HashicorpConfig): DeclarationInput => ({
  request: {
    method: "POST",
    url: urlOf(given, `auth/${encodedPath(literal(given.authMount ?? "jwt"))}/login`),
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
    { when: { status: [400, 403], match: saying("error validating token") }, then: { grant: "signedOut" } },
    { when: { status: [400, 403], match: saying("error verifying token") }, then: { grant: "signedOut" } },
    {
      when: { status: [400, 403], match: saying("error validating claims") },
      then: { grant: "denied", by: "policy" },
    },
    misconfigured({ status: 403 }, "{0} refuses the login ({2}). Check namespace, authMount and role."),
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

const kvDeclaration = (given: HashicorpConfig): DeclarationInput => {
  const field = given.field ?? "token";
  const value = `/data/data/${escapePointer(field)}`;
  return {
    request: {
      url: urlOf(given, `${encodedPath(literal(given.mount ?? "secret"))}/data/${encodedPath(given.path)}`),
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
      ...readRules(given, "{0} holds no secret at this path. Check mount and path."),
    ],
    says,
  };
};

const oauthDeclaration = (given: HashicorpConfig): DeclarationInput => ({
  request: {
    url: urlOf(
      given,
      `${encodedPath(literal(given.mount ?? "oauth2"))}/creds/${encodedPath(given.path)}?minimum_seconds=${given.minimumSeconds ?? 60}`,
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
    ...readRules(given, "{0} holds no OAuth credential of this name. Check mount and path."),
  ],
  says,
});

export const readDeclaration = (given: HashicorpConfig): DeclarationInput => ({
  ...(given.engine === "oauth" ? oauthDeclaration(given) : kvDeclaration(given)),
  ...(given.headers === undefined ? {} : { headers: given.headers }),
});

export const revokeRequest = (given: HashicorpConfig): RequestInput => ({
  method: "POST",
  url: urlOf(given, "auth/token/revoke-self"),
  headers: headersOf(given, true),
});
