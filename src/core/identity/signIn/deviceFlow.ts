import * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import type { Clock } from "../../ports.ts";
import { plainText } from "../../text.ts";
import { assertSecureUrl } from "../../urls.ts";
import { requestParameters, resourceParameter, type Flow, type Obtained } from "./authorization.ts";

/** The device flow (RFC 8628): a code that the person types in, in whatever browser they have. */
export const deviceFlow = async (flow: Flow, clock: Clock): Promise<Obtained> => {
  const { configuration, metadata, request, ports, signal, proof } = flow;
  flow.reach("device");
  const pkce = await challenge(metadata);
  const device = await untilAborted(
    oauth.initiateDeviceAuthorization(configuration, { ...requestParameters(flow), ...pkce.request }),
    signal,
  );
  const complete = device.verification_uri_complete;
  const shown = ports.showDeviceCode({
    userCode: plainText(device.user_code, 40),
    verificationUri: assertSecureUrl(device.verification_uri).href,
    ...(complete === undefined ? {} : { verificationUriComplete: assertSecureUrl(complete).href }),
    expiresAtMs: clock.now() + device.expires_in * 1000,
  });
  flow.reach("token");
  try {
    const grant = oauth.pollDeviceAuthorizationGrant(
      configuration,
      device,
      { ...resourceParameter(request.resource), ...pkce.poll },
      { signal, ...(proof === undefined ? {} : { DPoP: proof }) },
    );
    return { kind: "obtained", reply: await untilAborted(grant, signal) };
  } finally {
    shown.dispose();
  }
};

interface Challenge {
  readonly request: Readonly<Record<string, string>>;
  readonly poll: Readonly<Record<string, string>>;
}

/** RFC 8628 knows no PKCE, but Keycloak demands it here too of a client that must use it; others ignore it. */
const challenge = async (metadata: oauth.ServerMetadata): Promise<Challenge> => {
  if (metadata.code_challenge_methods_supported?.includes("S256") !== true) return { request: {}, poll: {} };
  const verifier = oauth.randomPKCECodeVerifier();
  return {
    request: {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    },
    poll: { code_verifier: verifier },
  };
};
