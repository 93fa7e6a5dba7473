import type { Secret } from "../../../src/core/secret.ts";
import { notSetUp, unavailable, type FacadeAnswer } from "./answer.ts";
import type { PushPolicy } from "./config/policy.ts";
import type { SecretPlace } from "./config/parts.ts";
import type { FacadeIdp } from "./config/schema.ts";
import { clientForm, type Wire, type WireReply, type WireResult } from "./wire.ts";

interface PushWireParts {
  readonly idp: FacadeIdp;
  readonly wire: Wire;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
}

/** What the identity provider has answered, with an empty body where it has not. */
export type PushResult = WireResult & { readonly body: WireReply["body"] };

export interface SentPush {
  readonly result: PushResult;
  /** What stands on the phone. */
  readonly bindingMessage: string;
}

export const askIdp = async (
  url: string,
  { idp, wire, secret }: PushWireParts,
  form: Readonly<Record<string, string | undefined>>,
): Promise<PushResult> => {
  const result = await wire(clientForm(url, idp, await secret(idp.clientSecret), form));
  return result.kind === "reply" ? result : { ...result, body: {} };
};

/** Has the identity provider ask the person. Where it takes no message as people write them, it gets one without spaces. */
export const sendPush = async (
  url: string,
  policy: PushPolicy,
  loginHint: string,
  parts: PushWireParts,
): Promise<SentPush> => {
  const sendWith = async (bindingMessage: string): Promise<SentPush> => {
    const { scope, acrValues: acr_values } = policy;
    const form = { scope, login_hint: loginHint, binding_message: bindingMessage, acr_values };
    return { result: await askIdp(url, parts, form), bindingMessage };
  };
  const digits = code();
  const sent = await sendWith(`${policy.message} ${digits}`);
  return sent.result.body["error"] === "invalid_binding_message"
    ? sendWith(plainMessage(policy.message, digits))
    : sent;
};

/** Five digits that the person compares: they are no secret, but nobody may foretell them. */
const code = (): string => String(10_000 + ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 90_000));

/** Keycloak takes 50 characters at most, and none but these. */
const longestPlain = 50;
const plainMessage = (message: string, digits: string): string => {
  const words = message.match(/[\w.+/!?#-]+/g) ?? [];
  return [words.join("-").slice(0, longestPlain - digits.length - 1), digits]
    .filter((part) => part !== "")
    .join("-");
};

export const failureOfPush = (result: PushResult): FacadeAnswer | undefined => {
  if (result.kind === "unreachable") return unavailable("The identity provider does not answer now.");
  if (result.status === 200) return undefined;
  const named = String(result.body["error"]);
  // Of a client that may not, Keycloak says invalid_grant, and that with 401.
  if (named === "invalid_grant" || (named === "unauthorized_client" && result.status !== 401))
    return notSetUp("The identity provider does not let the facade's client ask on another device (CIBA).");
  if (result.status >= 500 || result.status === 429 || result.status === 401)
    return unavailable("The identity provider sends no push now.", result.retryAfterSeconds);
  if (named === "unknown_user_id")
    return { kind: "denied", by: "policy", reason: "There is no device to ask you on." };
  if (named === "invalid_request")
    return notSetUp(
      "The identity provider refused to send a push: it may know people by another claim than push.loginHint.",
    );
  return notSetUp("The identity provider refused to send a push.");
};
