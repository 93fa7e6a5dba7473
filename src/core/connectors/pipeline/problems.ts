import type { Connector } from "../../config/connector.ts";
import { type Grant, misconfigured, type Misconfigured } from "../../credentials/grant.ts";
import { english, plainText } from "../../text.ts";
import { hostOf } from "../../urls.ts";

/** Who answers where no source was asked. */
export const lanyardItself = "Lanyard";

export const notApproved = (connector: Connector | undefined): Grant => ({
  kind: "misconfigured",
  issues: [
    {
      code: "forbidden",
      severity: "error",
      template: "The connector is not approved. Review it in the Connectors view.",
      args: [],
      ...(connector === undefined ? {} : { connector: connector.id, place: connector.place }),
    },
  ],
});

/** Why nothing was granted, for the log, where the kind of the answer does not say it. */
export const causeForLog = (grant: Grant): string | undefined => {
  if (grant.kind === "unavailable") return grant.reason;
  const [issue] = grant.kind === "misconfigured" ? grant.issues : [];
  return issue === undefined ? undefined : plainText(english(issue.template, ...issue.args));
};

/** A script would send it as a bearer token, which every server has to refuse. */
export const boundToken = (connector: Connector): Grant =>
  misconfigured(
    connector,
    "The sign-in's token is bound to a key (DPoP), so no script can use it. Turn {0} off and sign in again, or use another credential source.",
    "lanyard.senderConstrainedTokens",
  );

/**
 * The source refuses a token that the identity provider has just issued, or still stands by. To sign in again would
 * bring another of the same kind; but a cache of keys, or a clock, mends itself, so it is asked again.
 */
export const refusesLiveToken = (
  connector: Connector,
  source: string,
  reason: string | undefined,
  nowMs: number,
): Misconfigured => {
  const issuer = hostOf(connector.userAuth.issuer);
  const found =
    reason === undefined
      ? misconfigured(
          connector,
          "{0} refuses the token of your sign-in, which {1} stands by. Its administrators have to check which tokens it accepts.",
          source,
          issuer,
        )
      : misconfigured(
          connector,
          '{0} refuses the token of your sign-in, which {1} stands by: "{2}". Its administrators have to check which tokens it accepts.',
          source,
          issuer,
          reason,
        );
  return { ...found, retryAtMs: nowMs };
};
