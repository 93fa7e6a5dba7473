import { awsPlace, connectorOfRole, keyFor } from "../../aws/roles.ts";
import { errorXml, issuedXml } from "../../aws/stsXml.ts";
import type { PageReply } from "../../http/reply.ts";
import type { VaultFrontend } from "../frontend.ts";
import type { ExchangeRequest } from "./exchangeRequest.ts";
import type { VaultRefusal } from "./oauthBody.ts";

/** AWS STS as far as people need it: AssumeRoleWithWebIdentity, for the role that has the connector's name. */
export const answerSts = async (
  frontend: VaultFrontend,
  { form, ...sender }: ExchangeRequest,
): Promise<PageReply> => {
  const [action, role, token] = ["Action", "RoleArn", "WebIdentityToken"].map((name) => form.get(name) ?? "");
  if (action !== "AssumeRoleWithWebIdentity" || token === "" || token === undefined)
    return xml(400, errorXml("ValidationError", "Only AssumeRoleWithWebIdentity is answered here."));
  const connector = connectorOfRole(role ?? "");
  if (connector === undefined) return xml(403, errorXml("AccessDenied", "There is no such role."));
  const answer = await frontend.answer(token, connector, sender);
  if (answer.kind !== "granted") return refusal(answer);
  return xml(
    200,
    issuedXml({
      ...{ key: keyFor(answer.credential), role: role ?? "", subject: answer.credential.user },
      ...{ endsAtMs: answer.credential.expiresAtMs, sessionName: form.get("RoleSessionName") ?? "" },
    }),
  );
};

/** STS knows no page and no push: whoever is wanting is not let in. */
const refusal = (answer: VaultRefusal): PageReply => {
  if (answer.kind === "dead-token") return xml(400, errorXml("ExpiredTokenException", answer.reason));
  if (answer.kind === "down") return xml(503, errorXml("ServiceUnavailable", answer.reason));
  return xml(403, errorXml("AccessDenied", `Not authorized in ${awsPlace.region} (${answer.kind}).`));
};

const xml = (status: number, body: string): PageReply => ({
  status,
  headers: { "content-type": "text/xml", "cache-control": "no-store", date: new Date().toUTCString() },
  body,
});
