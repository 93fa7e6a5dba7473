import { Secret } from "../../secret.ts";
import { misconfigured, type Grant, type Granted, type SignOne } from "../grant.ts";
import { resolvePointer } from "../request/pointer.ts";
import type { SourcePorts } from "../source.ts";
import type { Judgement } from "./judgement.ts";
import { textAt, type VaultReply } from "./reply.ts";

/** Whether the reply calls its token one that is worth nothing without a proof of its key (RFC 9449, section 5). */
export const isBoundToKey = ({ body }: VaultReply): boolean =>
  textAt(resolvePointer(body, "/token_type"))?.toLowerCase() === "dpop";

/**
 * A token that the session's key proves: with each request of a bridge, by a proof that is made for that request. Whoever
 * takes headers away has no use for it.
 */
export const boundGrant = (
  { headers, ...granted }: Granted,
  { query, host }: Judgement,
  ports: SourcePorts,
): Grant => {
  const carried: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  );
  const token = /^Bearer (.+)$/.exec(carried["authorization"] ?? "")?.[1];
  const isBridged = query.connector.helper.kind === "bridge";
  const prove = token !== undefined && isBridged ? ports.signRequest?.(query, new Secret(token)) : undefined;
  if (prove === undefined) {
    return misconfigured(
      query.connector,
      "{0} binds the credential to a key (DPoP), so it cannot be handed on. It must issue bearer tokens.",
      host,
    );
  }
  const sign: SignOne = async ({ method, url, nonce }) => {
    const proof = await prove({ method, url, headers: carried }, nonce);
    if (proof["dpop"] === undefined) return {};
    const all = Object.entries({ ...carried, ...proof });
    return Object.fromEntries(all.map(([name, value]) => [name, new Secret(value)]));
  };
  return { ...granted, headers: {}, sign };
};
