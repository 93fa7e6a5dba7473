import type { ReplyRuleInput } from "../declaration.ts";

const unavailableStatuses = [408, 425, 429, "5xx"] as const;

/** A 2xx reply that holds what the declaration calls the credential. */
export const grantsWith = (pointer: string): ReplyRuleInput => ({
  when: { status: "2xx", match: { [pointer]: { present: true } } },
  then: { grant: "granted" },
});

/**
 * What an authorization server, a facade or a script means by its `error` (RFC 6749, section 5.2, and the names
 * that grew around it), whatever the status. `docs/facade.md` is the same table for those who build the other end.
 */
export const oauthErrorRules: readonly ReplyRuleInput[] = [
  {
    when: { match: { "/error": "interaction_required", "/claims": { present: true } } },
    then: { grant: "stepUp", how: "reauthenticate" },
  },
  {
    when: { match: { "/error": "interaction_required", "/acr_values": { present: true } } },
    then: { grant: "stepUp", how: "reauthenticate" },
  },
  {
    when: { match: { "/error": "interaction_required", "/interaction_uri": { present: true } } },
    then: { grant: "needsConnection", url: "/interaction_uri" },
  },
  {
    when: { match: { "/error": "insufficient_user_authentication", "/interaction_uri": { present: true } } },
    then: { grant: "stepUp", how: "url", url: "/interaction_uri" },
  },
  {
    when: {
      match: { "/error": ["insufficient_user_authentication", "interaction_required", "login_required"] },
    },
    then: { grant: "stepUp", how: "reauthenticate" },
  },
  {
    when: { match: { "/error": ["authorization_pending", "interaction_pending"], "/unsent": true } },
    then: { grant: "stepUp", how: "push" },
  },
  {
    when: {
      match: {
        "/error": ["authorization_pending", "interaction_pending"],
        "/binding_message": { present: true },
      },
    },
    then: { grant: "stepUp", how: "push" },
  },
  {
    when: { match: { "/error": "slow_down", "/binding_message": { present: true } } },
    then: { grant: "stepUp", how: "push", slowDown: true },
  },
  {
    when: { match: { "/error": ["authorization_pending", "interaction_pending"] } },
    then: { grant: "pending" },
  },
  { when: { match: { "/error": "slow_down" } }, then: { grant: "pending", slowDown: true } },
  {
    when: { match: { "/error": "access_denied", "/denied_by": "user" } },
    then: { grant: "denied", by: "user", reason: "The request was rejected." },
  },
  {
    when: { match: { "/error": "access_denied", "/denied_by": "upstream" } },
    then: { grant: "denied", by: "upstream", reason: "The connector's own provider refuses." },
  },
  {
    when: { match: { "/error": "access_denied" } },
    then: { grant: "denied", by: "policy", reason: "A policy refuses access." },
  },
  {
    when: { match: { "/error": "invalid_target" } },
    then: {
      grant: "denied",
      by: "policy",
      reason: "No credentials are issued for this resource or audience.",
    },
  },
  {
    when: { match: { "/error": "expired_token" } },
    then: { grant: "denied", by: "user", reason: "The approval was not given in time." },
  },
  {
    when: { match: { "/error": ["temporarily_unavailable", "server_error"] } },
    then: { grant: "unavailable" },
  },
  {
    when: { match: { "/error": ["invalid_client", "unauthorized_client"] } },
    then: {
      grant: "misconfigured",
      problem: "{0} does not accept this client for the exchange ({2}). Its administrators have to allow it.",
    },
  },
  {
    when: { match: { "/error": ["unsupported_grant_type", "invalid_scope", "unsupported_token_type"] } },
    then: { grant: "misconfigured", problem: "{0} does not do what the entry asks for: {2}." },
  },
  {
    when: {
      status: ["4xx"],
      match: { "/error": ["invalid_request", "invalid_grant", "invalid_token"] },
    },
    then: { grant: "signedOut" },
  },
  /** An error that nobody here knows, with a page for the person: the page knows more. */
  {
    when: { status: ["4xx"], match: { "/error": { present: true }, "/interaction_uri": { present: true } } },
    then: { grant: "needsConnection", url: "/interaction_uri" },
  },
];

/** What a bearer-protected resource means (RFC 6750, section 3; RFC 9470). */
export const challengeRules: readonly ReplyRuleInput[] = [
  {
    in: "challenge",
    when: { status: [401, 403], match: { "/error": "insufficient_user_authentication" } },
    then: { grant: "stepUp", how: "reauthenticate" },
  },
  {
    in: "challenge",
    when: { status: 403, match: { "/error": "insufficient_scope" } },
    then: {
      grant: "misconfigured",
      problem: "{0} wants a scope that the sign-in does not ask for ({2}). Add it to userAuth.scopes.",
    },
  },
];

/** What a status means by itself, when no body said more. */
export const statusRules: readonly ReplyRuleInput[] = [
  { when: { status: 401 }, then: { grant: "signedOut" } },
  { when: { status: 403 }, then: { grant: "denied", by: "policy", reason: "A policy refuses access." } },
  { when: { status: [...unavailableStatuses] }, then: { grant: "unavailable" } },
];

/** What every look-up understands: its own rules come before these. */
export const lookupRules = (credential: string): readonly ReplyRuleInput[] => [
  grantsWith(credential),
  ...challengeRules,
  ...oauthErrorRules,
  ...statusRules,
];
