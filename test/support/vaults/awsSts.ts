import { expect } from "vitest";
import { errorJson, errorXml, issuedJson, issuedXml, type IssuedKey } from "../../../demo/aws/stsXml.ts";
import { idToken, userToken } from "../asks.ts";
import { misconfigured, signedOut, type Expected, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

const role = "arn:aws:iam::123456789012:role/developer";
const nowMs = 1_700_000_000_000;
/** AWS's clock is right. */
const date = new Date(nowMs).toUTCString();

const issued = (secret: string, endsAtMs = nowMs + 3_600_000): IssuedKey => ({
  key: { AccessKeyId: "ASIAEXAMPLE", SecretAccessKey: secret, SessionToken: "token/of+session==" },
  ...{ endsAtMs, role, sessionName: "alice", subject: "alice" },
});

const xml = (status: number, text: string): VaultReply => ({
  status,
  text,
  headers: { "content-type": "text/xml", date },
});

/** STS: an unsigned form with the person's token. */
const sts =
  (answer: VaultReply, token = idToken): Vault =>
  (request) => {
    const { form } = request;
    if (request.method !== "POST" || form.get("Action") !== "AssumeRoleWithWebIdentity")
      return notFound(request);
    const isWhole = form.get("Version") === "2011-06-15" && form.get("RoleArn") === role;
    if (!isWhole || request.headers["authorization"] !== undefined)
      return xml(400, errorXml("ValidationError", "Not what STS takes."));
    if (form.get("RoleSessionName") !== "alice")
      return xml(400, errorXml("ValidationError", "The name differs."));
    return form.get("WebIdentityToken") === token
      ? answer
      : xml(400, errorXml("InvalidIdentityToken", "The ID Token provided is not a valid JWT."));
  };

const refuses = (code: string, message = `Words of ${code}.`, status = 400): Vault =>
  sts(xml(status, errorXml(code, message)));

const containing = (words: string): string => expect.stringContaining(words) as string;
const unavailable = (words: string): Expected => ({ kind: "unavailable", reason: containing(words) });
const denied: Expected = {
  kind: "denied",
  by: "policy",
  reason: containing("its trust policy has other conditions"),
};
const told = (words: string): Expected => ({
  ...misconfigured(),
  issues: [expect.objectContaining({ template: containing(words) })],
});

/** Every error that the API reference names, for AssumeRoleWithWebIdentity and for all actions: what becomes of it. */
const errors: readonly (readonly [code: string, status: number, words: string, means: Expected])[] = [
  [
    "ExpiredTokenException",
    400,
    "Token expired: now is after",
    { ...signedOut(), reason: containing("now is") },
  ],
  ["ExpiredToken", 400, "Token expired", { ...signedOut(), reason: "Token expired" }],
  ["IDPRejectedClaim", 403, "The claim was revoked", { ...signedOut(), reason: "The claim was revoked" }],
  ["AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity", denied],
  ["AccessDeniedException", 403, "x", denied],
  ["NotAuthorized", 400, "No permission.", { kind: "denied", by: "policy", reason: "No permission." }],
  ["UnauthorizedOperation", 403, "x", { kind: "denied", by: "policy", reason: "x" }],
  ["IDPCommunicationError", 400, "x", unavailable("could not reach the identity provider")],
  ["Throttling", 400, "Rate exceeded", unavailable("too many requests")],
  ["ThrottlingException", 400, "Rate exceeded", unavailable("too many requests")],
  ["RequestLimitExceeded", 503, "x", unavailable("too many requests")],
  ["ServiceUnavailable", 503, "Later.", unavailable("Later.")],
  ["InternalFailure", 500, "Later.", unavailable("Later.")],
  ["InternalError", 400, "Later.", unavailable("Later.")],
  [
    ...([
      "InvalidIdentityToken",
      400,
      "Couldn't retrieve verification key from your identity provider",
    ] as const),
    { ...told("cannot get the keys"), retryAtMs: nowMs + 2000 },
  ],
  ["InvalidIdentityToken", 400, "Incorrect token audience", told("does not accept the token")],
  ["InvalidIdentityToken", 400, "No OpenIDConnect provider found in your account", told("provider in IAM")],
  ["MalformedPolicyDocument", 400, "Syntax errors in policy.", told("the session policy")],
  ["PackedPolicyTooLarge", 400, "Packed policy consumes 112% of allotted space.", told("the session policy")],
  ["RegionDisabledException", 403, "STS is not activated in this region.", told("another region")],
  ["OptInRequired", 403, "x", told("another region")],
  ["InvalidClientTokenId", 403, "x", told("another region")],
  ["ValidationError", 400, "The requested DurationSeconds exceeds the maximum.", told("says of the role")],
  ["InvalidParameterValue", 400, "x", told("says of the role")],
  ["InvalidParameterCombination", 400, "x", told("says of the role")],
  ["MissingParameter", 400, "x", told("says of the role")],
  ["MalformedQueryString", 404, "x", told("says of the role")],
  ["InvalidQueryParameter", 400, "x", told("says of the role")],
  ["InvalidAction", 400, "Could not find operation", told("is not the AWS STS")],
  ["MissingAction", 400, "x", told("is not the AWS STS")],
  ["NoSuchVersion", 400, "x", told("is not the AWS STS")],
  ["UnknownOperationException", 404, "x", told("is not the AWS STS")],
  ["MissingAuthenticationToken", 403, "Missing Authentication Token", told("is not the AWS STS")],
  ["IncompleteSignature", 400, "x", told("is not the AWS STS")],
  ["SignatureDoesNotMatch", 403, "x", told("is not the AWS STS")],
  ["RequestExpired", 400, "x", told("is not the AWS STS")],
  ["SomethingNew", 400, "Words.", told('{0} answered {1}: "{2}".')],
  ["SomethingNew", 403, "Words.", { kind: "denied", by: "policy", reason: "Words." }],
];

export const awsStsCase: SourceCase = {
  source: "aws-sts",
  place: "/SecretAccessKey",
  entry: ({ origin }) => ({
    ...{ source: "aws-sts", role, region: "us-east-1", service: "execute-api" },
    endpoint: `${origin}/`,
  }),
  granting: (credential) => sts(xml(200, issuedXml(issued(credential)))),
  // Each request is signed: nothing that any may carry.
  headers: () => ({}),
  expired: () => sts(xml(200, issuedXml(issued("secret", nowMs - 60_000)))),
  answers: [
    {
      answer: "a key, in XML",
      vault: sts(xml(200, issuedXml(issued("secret")))),
      means: () => ({ kind: "granted", headers: {}, expiresAtMs: nowMs + 3_600_000 }),
    },
    {
      answer: "a key, in JSON",
      vault: sts(json(200, issuedJson(issued("secret")), { date })),
      means: () => ({ kind: "granted", headers: {}, expiresAtMs: nowMs + 3_600_000 }),
    },
    {
      answer: "a key, for the access token",
      entry: () => ({ subjectToken: "access_token" }),
      vault: sts(xml(200, issuedXml(issued("secret"))), userToken),
      means: () => ({ kind: "granted" }),
    },
    {
      answer: "a key whose end is nearer than it is, by AWS's clock",
      vault: sts({
        ...xml(200, issuedXml(issued("secret", nowMs - 3_600_000 + 900_000))),
        headers: { date: new Date(nowMs - 3_600_000).toUTCString() },
      }),
      means: () => ({ kind: "granted", expiresAtMs: nowMs + 900_000 }),
    },
    {
      answer: "a key without its id",
      vault: sts(xml(200, issuedXml({ ...issued("x"), key: { ...issued("x").key, AccessKeyId: "" } }))),
      means: misconfigured,
    },
    {
      answer: "a key without its session's token",
      vault: sts(xml(200, issuedXml({ ...issued("x"), key: { ...issued("x").key, SessionToken: "" } }))),
      means: misconfigured,
    },
    {
      answer: "XML of another kind",
      vault: sts(xml(200, "<Envelope><a>b</a></Envelope>")),
      means: misconfigured,
    },
    {
      answer: "a page of a firewall",
      vault: sts(xml(403, "<html><body>Blocked</body></html>")),
      means: () => ({ kind: "unavailable" }),
    },
    {
      answer: "an error in JSON",
      vault: sts(json(400, errorJson("ExpiredTokenException", "Token expired"), { date })),
      means: () => ({ ...signedOut(), reason: "Token expired" }),
    },
    ...errors.map(([code, status, words, means]) => ({
      answer: `${status} ${code}: ${words}`,
      vault: refuses(code, words, status),
      means: () => means,
    })),
  ],
};
