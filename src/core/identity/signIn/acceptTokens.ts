import * as oauth from "openid-client";
import * as z from "zod";
import { untilAborted } from "../../abort.ts";
import type { Secret } from "../../secret.ts";
import { plainText } from "../../text.ts";
import { hostOf } from "../../urls.ts";
import type { Flow } from "./authorization.ts";
import { failed, type FailedSignIn } from "../failures.ts";
import type { IdentityContext } from "../context.ts";
import { recordId, type LiveRecord } from "../sessions/records.ts";
import { apiOf, notGranted } from "../scopes.ts";
import type { SignInRequest } from "../session.ts";
import type { TokenReplies } from "./tokenReply.ts";
import { tokensOf, type TokenEndpointReply, type Tokens } from "./tokens.ts";

export interface AcceptedTokens {
  readonly kind: "admitted";
  readonly record: LiveRecord;
  readonly notGranted: readonly string[];
}

export interface ArrivedTokens {
  readonly reply: TokenEndpointReply;
  /** What the token endpoint said, as it was sent. */
  readonly replies: TokenReplies;
  /** When the person was sent to the IdP. */
  readonly startedAtMs: number;
  readonly proofKey: Secret | undefined;
}

/** Looks at what came from the IdP: the time, the strength that was asked for, and who it is. */
export const acceptTokens = async (
  context: IdentityContext,
  flow: Flow,
  { reply, replies, startedAtMs, proofKey }: ArrivedTokens,
): Promise<AcceptedTokens | FailedSignIn> => {
  const { request } = flow;
  const nowMs = context.clock.now();
  const tokens = tokensOf(reply, nowMs, replies.text("id_token"));
  const { dateMs } = replies.said ?? {};
  if (isSkewed(tokens, dateMs, nowMs, context.options.clockToleranceSeconds)) {
    return failed("clockSkew", request.issuer);
  }
  const idpMs = dateMs ?? nowMs;
  if (!isStrongEnough(tokens, request, { idpMs, elapsedMs: nowMs - startedAtMs })) {
    return failed("stepUpUnmet", request.issuer);
  }
  const person = await whoIs(context, flow, tokens);
  const api = apiOf(request.issuer, request.scopes);
  const whose = { issuer: request.issuer, clientId: request.clientId, subject: person.subject };
  const binding = { ...whose, ...(api === undefined ? {} : { api, account: await recordId(whose) }) };
  const { claims, grantedScopes = [], ...kept } = tokens;
  const record: LiveRecord = {
    version: 1,
    kind: "live",
    ...binding,
    ...kept,
    accountLabel: await uniqueLabel(context, person.label, binding),
    scopes: [...new Set([...request.scopes, ...grantedScopes])],
    signedInAtMs: nowMs,
    ...(request.resource === undefined ? {} : { resource: request.resource }),
    ...(request.secret === undefined ? {} : { clientSecret: request.secret }),
    ...(claims?.acr === undefined ? {} : { acr: claims.acr }),
    ...(claims?.auth_time === undefined ? {} : { authTimeSeconds: claims.auth_time }),
    ...(proofKey === undefined || reply.token_type !== "dpop" ? {} : { proofKey }),
  };
  return { kind: "admitted", record, notGranted: notGranted(request.scopes, tokens.grantedScopes) };
};

/**
 * An ID token is not minted in the future. That it is dated back says nothing by itself: some IdPs do so on purpose, so
 * that receivers with slow clocks take it. Whose clock it is tells the reply's head.
 */
const isSkewed = (
  { claims }: Tokens,
  dateMs: number | undefined,
  nowMs: number,
  toleranceSeconds: number,
): boolean =>
  claims !== undefined &&
  (claims.iat - nowMs / 1000 > toleranceSeconds ||
    (dateMs !== undefined && nowMs - dateMs > toleranceSeconds * 1000));

/** Whole seconds at both ends. */
const roundingSeconds = 2;

/**
 * RFC 9470, section 4: `acr_values` is a wish, so what came of it is looked at; `max_age` binds, and its age is
 * measured by the IdP's own clock, as it stands in the reply's head: `iat` may be dated back.
 */
const isStrongEnough = (
  { claims }: Tokens,
  request: SignInRequest,
  { idpMs, elapsedMs }: { readonly idpMs: number; readonly elapsedMs: number },
): boolean => {
  const { acrValues = [], maxAgeSeconds } = request;
  if (acrValues.length > 0 && (claims?.acr === undefined || !acrValues.includes(claims.acr))) return false;
  if (maxAgeSeconds === undefined) return true;
  if (claims?.auth_time === undefined) return false;
  const ageWhenAskedSeconds = (idpMs - elapsedMs) / 1000 - claims.auth_time;
  return ageWhenAskedSeconds <= maxAgeSeconds + roundingSeconds;
};

interface Person {
  readonly subject: string;
  /** As the IdP calls them, for other people to read. */
  readonly label: string;
}

const profile = z.object({
  preferred_username: z.string().optional().catch(undefined),
  email: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
});

/** A plain OAuth server names nobody: there, one session a client. */
export const nameless = "unnamed";

const whoIs = async (
  context: IdentityContext,
  flow: Flow,
  { claims, accessToken }: Tokens,
): Promise<Person> => {
  if (claims === undefined) return { subject: nameless, label: hostOf(flow.request.issuer) };
  const label = labelIn(claims) ?? labelIn(await userInfo(context, flow, claims.sub, accessToken));
  return { subject: claims.sub, label: label ?? plainText(claims.sub, 100) };
};

const labelIn = (claims: unknown): string | undefined => {
  const parsed = profile.safeParse(claims);
  if (!parsed.success) return undefined;
  const { preferred_username, email, name } = parsed.data;
  return [preferred_username, email, name]
    .map((text) => plainText(text ?? "", 100))
    .find((text) => text !== "");
};

/** A name is worth a request, not a failure. */
const userInfo = async (
  context: IdentityContext,
  flow: Flow,
  subject: string,
  token: Secret,
): Promise<unknown> => {
  const { configuration, metadata, request, signal, proof } = flow;
  if (metadata.userinfo_endpoint === undefined) return undefined;
  const option = proof === undefined ? {} : { DPoP: proof };
  flow.reach("userinfo");
  try {
    return await untilAborted(oauth.fetchUserInfo(configuration, token.reveal(), subject, option), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    context.log.warn("identity.userinfo.failed", { issuer: hostOf(request.issuer) });
    return undefined;
  }
};

/** The editor keeps its permissions by label: two sessions never share one, and a session keeps its own. */
const uniqueLabel = async (
  context: IdentityContext,
  label: string,
  binding: Pick<LiveRecord, "issuer" | "clientId" | "subject" | "api">,
): Promise<string> => {
  const id = await recordId(binding);
  const all = await context.store.all("forPerson");
  const taken = new Set(
    all.flatMap((one) => (one.kind === "live" && one.id !== id ? [one.record.accountLabel] : [])),
  );
  const atHost = `${label} (${hostOf(binding.issuer)})`;
  const byClient = `${label} (${hostOf(binding.issuer)}, ${plainText(binding.clientId, 60)})`;
  const bySubject = `${byClient} ${plainText(binding.subject, 60)}`;
  return [label, atHost, byClient, bySubject].find((text) => !taken.has(text)) ?? `${bySubject} ${id}`;
};
