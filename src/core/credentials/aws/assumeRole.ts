import type { DeclarationInput } from "../declaration.ts";
import { misconfigured, type CredentialHeaders, type SignOne, type SourceResult } from "../grant.ts";
import { grantsWith, statusRules } from "../reply/commonRules.ts";
import { literal } from "../request/template.ts";
import { withoutUndefined } from "../request/variables.ts";
import { performDeclared } from "../row.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";
import { sha256Hex } from "../../hash.ts";
import { Secret } from "../../secret.ts";
import type { AwsConfig } from "./config.ts";
import { placeIn, type AwsPlace } from "./place.ts";
import { signV4, type SigningKey } from "./sigv4.ts";
import { stsErrorRules } from "./stsErrors.ts";
import { stsReader } from "./stsReply.ts";

/** A clock that is off by less is none of AWS's business: it takes five minutes. */
const toleratedMs = 60_000;

/** Asks STS for the role, with the person's token, and signs with what it gives. */
export const assumeRole = async (
  given: AwsConfig,
  endpoint: string,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult> => {
  const { connector, session } = query;
  const own = (template: string, ...args: string[]): SourceResult => ({
    grant: misconfigured(connector, template, ...args),
    answeredBy: "Lanyard",
  });
  const told = placeIn(connector.url);
  const service = given.service ?? told?.service;
  const region = given.region ?? told?.region;
  if (service === undefined || region === undefined) {
    const host = URL.parse(connector.url)?.host ?? "";
    return own(
      "{0} is no host that names AWS's service and region. Add service and region to the entry.",
      host,
    );
  }
  if (given.subjectToken !== "access_token" && session.idToken === undefined) {
    return own('The sign-in has no ID token. Add "openid" to userAuth.scopes.');
  }
  const declared = declaration(given, endpoint, await sessionNameOf(session.subject));
  let aheadMs = 0;
  const watched: SourcePorts = {
    ...ports,
    fetch: async (url, init) => {
      const response = await ports.fetch(url, init);
      aheadMs = aheadOf(Date.parse(response.headers.get("date") ?? ""), ports);
      return response;
    },
  };
  const reading = { read: stsReader(() => aheadMs) };
  const answer = await performDeclared(declared, {}, query, watched, {}, reading);
  const { grant } = answer;
  if (grant.kind !== "granted") return answer;
  const sign = signerOf(grant.headers, { service, region }, aheadMs, ports);
  return { ...answer, grant: { ...grant, headers: {}, sign } };
};

/** How far AWS's clock is ahead of this one, where it is so far that a signature would be refused for it. */
const aheadOf = (theirMs: number | undefined, { clock }: Pick<SourcePorts, "clock">): number => {
  const aheadMs = (theirMs ?? NaN) - clock.now();
  return Math.abs(aheadMs) > toleratedMs ? aheadMs : 0;
};

/** What the key is between STS's reply and the signer; it goes to no connector. */
const parts = { id: "X-Key-Id", secret: "X-Secret-Key", token: "X-Session-Token" };

const declaration = (given: AwsConfig, endpoint: string, sessionName: string): DeclarationInput => {
  const { role, durationSeconds, policy, subjectToken } = given;
  return {
    request: {
      ...{ method: "POST", repeatable: true, url: literal(endpoint), headers: {} },
      form: withoutUndefined({
        ...{ Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15" },
        ...{ RoleArn: literal(role), RoleSessionName: literal(sessionName) },
        WebIdentityToken: subjectToken === "access_token" ? "{userToken}" : "{idToken}",
        DurationSeconds: durationSeconds?.toString(),
        Policy: policy === undefined ? undefined : literal(JSON.stringify(policy)),
      }),
    },
    credential: { value: "/SecretAccessKey", expiresAt: "/Expiration" },
    headers: {
      [parts.secret]: "{credential}",
      [parts.id]: "{/AccessKeyId}",
      [parts.token]: "{/SessionToken}",
    },
    rules: [grantsWith("/SecretAccessKey"), ...stsErrorRules, ...statusRules],
    says: ["/Message", "/error_description"],
  };
};

const longestName = 64;

/**
 * `RoleSessionName`: the same for a person whenever the role is assumed, for servers bind their sessions to it. A subject
 * that it cannot hold is cut, and told from others by its hash.
 */
export const sessionNameOf = async (subject: string): Promise<string> => {
  if (/^[\w+=,.@-]{2,64}$/.test(subject)) return subject;
  const hash = (await sha256Hex(subject)).slice(0, 16);
  return `${subject.replace(/[^\w+=,.@-]/g, "-").slice(0, longestName - hash.length - 1)}-${hash}`;
};

const signerOf = (
  headers: CredentialHeaders,
  place: AwsPlace,
  aheadMs: number,
  ports: Pick<SourcePorts, "clock">,
): SignOne => {
  const textOf = (name: string): string => headers[name]?.reveal() ?? "";
  const key: SigningKey = {
    ...place,
    accessKeyId: textOf(parts.id),
    secretAccessKey: new Secret(textOf(parts.secret)),
    sessionToken: new Secret(textOf(parts.token)),
  };
  return async ({ method, url, bodyHash, serverTimeMs }) => {
    const atMs = ports.clock.now() + (aheadOf(serverTimeMs, ports) || aheadMs);
    const hash = bodyHash === "" ? await sha256Hex("") : bodyHash;
    const signed = await signV4(key, { method, url: new URL(url), bodyHash: hash, atMs });
    return Object.fromEntries(Object.entries(signed).map(([name, value]) => [name, new Secret(value)]));
  };
};
