import { AccountChoices } from "../../core/identity/accountChoices.ts";
import type { SignInRequest } from "../../core/identity/session.ts";
import type { MemoryPort } from "../../core/ports.ts";
import { clientSecretFor } from "./clientSecrets.ts";

/**
 * What is known for a sign-in beside its entry: the client's secret, and what the identity provider calls the account
 * that is meant. A name of several words is a label of ours.
 */
export const knownFor = (
  memory: MemoryPort,
  request: SignInRequest,
): Pick<SignInRequest, "secret" | "loginHint"> => {
  const secret = clientSecretFor(request);
  const { account } = request;
  const label = account === undefined ? undefined : new AccountChoices(memory).labelOf(account);
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(label === undefined || /\s/.test(label) ? {} : { loginHint: label }),
  };
};
