import * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import type { Clock } from "../../ports.ts";
import { plainText } from "../../text.ts";
import { assertSecureUrl } from "../../urls.ts";
import { requestParameters, resourceParameter, type Flow, type Obtained } from "./authorization.ts";

/** The device flow (RFC 8628): a code that the person types in, in whatever browser they have. */
export const deviceFlow = async (flow: Flow, clock: Clock): Promise<Obtained> => {
  const { configuration, request, ports, signal, proof } = flow;
  const device = await untilAborted(
    oauth.initiateDeviceAuthorization(configuration, requestParameters(request)),
    signal,
  );
  const complete = device.verification_uri_complete;
  const shown = ports.showDeviceCode({
    userCode: plainText(device.user_code, 40),
    verificationUri: assertSecureUrl(device.verification_uri).href,
    ...(complete === undefined ? {} : { verificationUriComplete: assertSecureUrl(complete).href }),
    expiresAtMs: clock.now() + device.expires_in * 1000,
  });
  try {
    const grant = oauth.pollDeviceAuthorizationGrant(
      configuration,
      device,
      resourceParameter(request.resource),
      { signal, ...(proof === undefined ? {} : { DPoP: proof }) },
    );
    return { kind: "obtained", reply: await untilAborted(grant, signal) };
  } finally {
    shown.dispose();
  }
};
