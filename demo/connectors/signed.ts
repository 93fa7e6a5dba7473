import { awsPlace, keyFor } from "../aws/roles.ts";
import { signatureRefusal, type AwsRefusal } from "../aws/signatureCheck.ts";
import { json, type PageReply } from "../http/reply.ts";
import type { RouteCall } from "../http/router.ts";
import type { Credential } from "../vault/credentials.ts";
import type { Vault } from "../vault/vault.ts";

export interface Shown {
  /** What came with the request, if it lives. */
  readonly credential: Credential | undefined;
  readonly refusal: PageReply;
}

/** Whose key has signed a request, by AWS's own signer. */
export const whoSigns = async (vault: Vault, { request, url }: RouteCall, body: string): Promise<Shown> => {
  const { method = "", headers } = request;
  const token = String(headers["x-amz-security-token"] ?? "");
  const credential = vault.credentials.find(token);
  const refusal = await signatureRefusal(
    { method, headers, target: `${url.pathname}${url.search}`, body: Buffer.from(body) },
    {
      ...{ ...awsPlace, nowMs: Date.now() },
      find: (id) => {
        const key = keyFor({ secret: token });
        const isKnown = credential !== undefined && key.AccessKeyId === id;
        return isKnown ? { ...key, endsAtMs: credential.expiresAtMs } : undefined;
      },
    },
  );
  return {
    credential: refusal === undefined ? credential : undefined,
    refusal: refuse(refusal ?? ["AccessDeniedException", "The role is for another server."]),
  };
};

const refuse = ([type, message]: AwsRefusal): PageReply =>
  json(403, { message }, { "x-amzn-errortype": type, date: new Date().toUTCString() });
