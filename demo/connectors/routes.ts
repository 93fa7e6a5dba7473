import { z } from "zod";
import { acrMfa } from "../acr.ts";
import type { ConnectorEntry } from "../company.ts";
import { json, oauthError, type PageReply } from "../http/reply.ts";
import { parseJson, readBodyText, traceIdOf } from "../http/request.ts";
import type { RouteCall, DemoRoute } from "../http/router.ts";
import type { Credential } from "../vault/credentials.ts";
import { freshSeconds } from "../vault/policy.ts";
import type { Vault } from "../vault/vault.ts";
import { answerModern, modernIn } from "./modern.ts";
import { answerMcp } from "./server.ts";
import { whoSigns, type Shown } from "./signed.ts";
import { toolsOf } from "./tools.ts";

const bodyLimitBytes = 1024 * 1024;

/** `/NAME/mcp` for each connector of the company. */
export const connectorRoutes = (vault: Vault): readonly DemoRoute[] =>
  vault.connectors.map((connector) => ({
    method: "POST",
    path: `/${connector.name}/mcp`,
    answer: (call) => answerCall(vault, connector, call),
  }));

/** The credential first, then what is called, and only then the protocol. */
const answerCall = async (vault: Vault, entry: ConnectorEntry, call: RouteCall): Promise<PageReply> => {
  const { name: connector } = entry;
  const traceId = traceIdOf(call.request.headers["traceparent"]);
  // A signature covers the body, so that it is read before anybody is known.
  const signed = entry.isSigned === true ? await readBodyText(call.request, bodyLimitBytes) : undefined;
  const shown = signed === undefined ? whoShows(vault, call) : await whoSigns(vault, call, signed);
  const credential = shown.credential?.connector === connector ? shown.credential : undefined;
  if (credential === undefined) {
    const user = shown.credential?.user ?? null;
    vault.audit.add({ user, connector, policy: "credential-check", outcome: "refused", traceId });
    return shown.refusal;
  }
  const message = parseJson(signed ?? (await readBodyText(call.request, bodyLimitBytes)));
  const reason = stepUpReason(connector, credential, message);
  if (reason !== undefined) return demandStepUp(vault, credential, reason, traceId);
  const caller = { user: credential.user, connector };
  const modern = entry.isModern === true ? modernIn(message) : undefined;
  return modern === undefined
    ? answerMcp(caller, passedOn(call), message)
    : answerModern(caller, call.request.headers, modern);
};

/** Whose credential it is, and what is said to who may not come in with it. */
const whoShows = (vault: Vault, call: RouteCall): Shown => {
  const secret = presentedSecret(call);
  const credential = secret === undefined ? undefined : vault.credentials.find(secret);
  return { credential, refusal: refuse(secret === undefined ? "no-credential" : "bad-credential") };
};

/** `Authorization: Bearer …`, PagerDuty's own `Token token=…`, or an API key in a header of its own. */
const presentedSecret = ({ request }: RouteCall): string | undefined => {
  const { authorization = "", "x-api-key": key } = request.headers;
  return (
    /^(?:Bearer +|Token +token=)(\S+)$/i.exec(authorization)?.[1] ??
    (typeof key === "string" ? key : undefined)
  );
};

const refuse = (why: "no-credential" | "bad-credential"): PageReply => {
  const reason =
    why === "no-credential"
      ? "Send the credential that the vault issued for this connector."
      : "This credential is not good here, or not any more.";
  const error = why === "no-credential" ? "" : ` error="invalid_token", error_description="${reason}"`;
  return oauthError(401, "invalid_token", reason, { "www-authenticate": `Bearer${error}` });
};

const toolCall = z.object({
  method: z.literal("tools/call"),
  params: z.object({ name: z.string(), arguments: z.unknown() }),
});

/** Looks at the call before any tool runs: the reason why its credential is not fresh enough for it. */
const stepUpReason = (connector: string, credential: Credential, message: unknown): string | undefined => {
  if (credential.freshUntilSeconds > Date.now() / 1000) return undefined;
  for (const one of Array.isArray(message) ? (message as readonly unknown[]) : [message]) {
    const called = toolCall.safeParse(one);
    if (!called.success) continue;
    const { name, arguments: args } = called.data.params;
    const reason = toolsOf(connector)
      .find((tool) => tool.name === name)
      ?.needsFresh?.(args);
    if (reason !== undefined) return reason;
  }
  return undefined;
};

/** RFC 9470 section 3. A 401, because that is what makes clients ask for a new credential. */
const demandStepUp = (
  vault: Vault,
  credential: Credential,
  reason: string,
  traceId: string | null,
): PageReply => {
  const { user, connector, id } = credential;
  vault.demandStepUp(user, connector);
  vault.audit.add({
    user,
    connector,
    policy: "demanded-by-connector",
    outcome: "refused",
    traceId: traceId ?? credential.traceId,
    credentialId: id,
  });
  const challenge = [
    'Bearer error="insufficient_user_authentication"',
    `error_description="${reason}"`,
    `acr_values="${acrMfa}"`,
    `max_age="${freshSeconds}"`,
  ].join(", ");
  const body = { error: "insufficient_user_authentication", error_description: reason };
  return json(401, body, { "www-authenticate": challenge });
};

/** The request's headers that the protocol reads. */
const passedOn = ({ request }: RouteCall): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const name of ["accept", "content-type", "mcp-protocol-version"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
};
