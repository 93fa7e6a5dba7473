import type { ReplyRuleInput } from "../declaration.ts";

const onCode = (...codes: string[]): ReplyRuleInput["when"] => ({
  status: ["4xx", "5xx"],
  match: { "/Code": codes },
});

/**
 * What STS means by its error codes, without the "Exception" that some have at their end (AssumeRoleWithWebIdentity and
 * "Common Errors" in the API reference). It has one status for nearly all, 400.
 */
export const stsErrorRules: readonly ReplyRuleInput[] = [
  { when: onCode("ExpiredToken", "IDPRejectedClaim"), then: { grant: "signedOut" } },
  {
    when: onCode("AccessDenied", "NotAuthorized", "UnauthorizedOperation"),
    then: {
      grant: "denied",
      by: "policy",
      reason:
        "The role does not let you in: its trust policy has other conditions (aud, sub), or there is no such role.",
    },
  },
  {
    when: onCode("IDPCommunicationError"),
    then: { grant: "unavailable", reason: "AWS could not reach the identity provider." },
  },
  {
    when: onCode("Throttling", "Throttled", "RequestLimitExceeded", "TooManyRequests"),
    then: { grant: "unavailable", reason: "AWS gets too many requests of this account." },
  },
  { when: onCode("ServiceUnavailable", "InternalFailure", "InternalError"), then: { grant: "unavailable" } },
  {
    when: {
      status: "4xx",
      match: { "/Code": "InvalidIdentityToken", "/Message": { contains: "verification key" } },
    },
    then: {
      grant: "misconfigured",
      problem: "AWS cannot get the keys of the identity provider, which it needs over the internet: {2}",
      passes: true,
    },
  },
  {
    when: onCode("InvalidIdentityToken"),
    then: {
      grant: "misconfigured",
      problem:
        "AWS does not accept the token of the sign-in ({2}). The account needs an identity provider in IAM with this issuer, and this client as its audience.",
    },
  },
  {
    when: onCode("MalformedPolicyDocument", "PackedPolicyTooLarge"),
    then: { grant: "misconfigured", problem: "AWS does not accept the session policy of the entry: {2}" },
  },
  {
    when: onCode("RegionDisabled", "OptInRequired", "InvalidClientTokenId"),
    then: { grant: "misconfigured", problem: "{0} does not serve this account; another region may: {2}" },
  },
  {
    when: onCode(
      ...["ValidationError", "Validation", "InvalidParameterValue", "InvalidParameterCombination"],
      ...["MissingParameter", "MalformedQueryString", "InvalidQueryParameter"],
    ),
    then: { grant: "misconfigured", problem: "AWS does not accept what the entry says of the role: {2}" },
  },
  {
    when: onCode(
      ...[
        "InvalidAction",
        "MissingAction",
        "NoSuchVersion",
        "UnknownOperation",
        "MissingAuthenticationToken",
      ],
      ...["IncompleteSignature", "SignatureDoesNotMatch", "RequestExpired"],
    ),
    then: { grant: "misconfigured", problem: "{0} is not the AWS STS that takes tokens of people ({2})." },
  },
];
