import { hostOf, isLoopback } from "../urls.ts";
import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";
import type { CertificateTrouble, IssuerFacts, MetadataFacts, MetadataFailure } from "./issuerProbe.ts";

/** How far the clocks may be apart: sign-ins tolerate two minutes (`clockToleranceSeconds`). */
const skew = { warnMs: 30_000, failMs: 120_000 } as const;

/** What one issuer's answer means. Pure. */
export const judgeIssuer = (facts: IssuerFacts, t: Translate): readonly Finding[] => [
  judgeMetadata(facts, t),
  ...judgeCertificate(facts, t),
  ...judgeClock(facts, t),
];

/** An issuer that was not asked, because nobody has agreed to it yet. */
export const issuerNotAsked = (issuer: string, why: "unapproved" | "untrusted", t: Translate): Finding => {
  const judge = judgesOf("identity provider");
  return why === "untrusted"
    ? judge.warning(
        t("{0} was not asked: the folder that names it is not trusted.", hostOf(issuer)),
        t("Trust the folder if you know who wrote its .mcp.json."),
      )
    : judge.warning(
        t("{0} was not asked: none of its connectors is approved yet.", hostOf(issuer)),
        t("Run Lanyard: Review Connectors…"),
      );
};

const judgeMetadata = ({ issuer, answer, tookMs }: IssuerFacts, t: Translate): Finding => {
  const judge = judgesOf("identity provider");
  const host = hostOf(issuer);
  if (answer.kind !== "metadata") {
    const { finding, remedy } = failureSentences(answer, host, t);
    return judge.failed(finding, remedy);
  }
  const lacking = whatMetadataLacks(answer, host, t);
  if (lacking !== undefined) return lacking;
  const { challengeMethods } = answer;
  if (challengeMethods !== undefined && !challengeMethods.includes("S256")) {
    return judge.warning(
      t("{0} does not name S256 among its PKCE methods, which every sign-in uses.", host),
      t("Ask its administrators to turn on PKCE with S256 for Lanyard's client."),
    );
  }
  return judge.ok(t("{0} answers with valid metadata, in {1} ms.", host, Math.round(tookMs)));
};

const whatMetadataLacks = (answer: MetadataFacts, host: string, t: Translate): Finding | undefined => {
  const judge = judgesOf("identity provider");
  if (answer.insecure.length > 0) {
    return judge.failed(
      t("The metadata of {0} has addresses that are not https: {1}.", host, answer.insecure.join(", ")),
      t("Ask its administrators to mend the metadata: no token is sent to such an address."),
    );
  }
  if (answer.authorization || answer.device) return undefined;
  return judge.failed(
    t("The metadata of {0} names no way to sign in.", host),
    t("Check userAuth.issuer in .mcp.json: it may name a service that issues no tokens to people."),
  );
};

interface Sentences {
  readonly finding: string;
  readonly remedy: string;
}

const failureSentences = (failure: MetadataFailure, host: string, t: Translate): Sentences => {
  switch (failure.kind) {
    case "certificate":
    case "noSuchName":
    case "refused":
    case "unreachable":
    case "timedOut":
      return notReached(failure, host, t);
    case "redirected":
    case "status":
    case "wrongIssuer":
    case "insecure":
    case "invalid":
      return notUsable(failure, host, t);
  }
};

type NotReached = Extract<
  MetadataFailure,
  { readonly kind: "certificate" | "noSuchName" | "refused" | "unreachable" | "timedOut" }
>;

const notReached = (failure: NotReached, host: string, t: Translate): Sentences => {
  const check = t("Check userAuth.issuer in .mcp.json, the VPN, and the proxy settings of the editor.");
  switch (failure.kind) {
    case "certificate":
      return {
        finding: t("{0} was not reached, because no secure connection came about.", host),
        remedy: t("See the certificate below."),
      };
    case "noSuchName":
      return { finding: t("The name {0} is not known here.", host), remedy: check };
    case "refused":
      return { finding: t("{0} refuses connections.", host), remedy: check };
    case "timedOut":
      return { finding: t("{0} does not answer within 5 seconds.", host), remedy: check };
    case "unreachable":
      return {
        finding:
          failure.code === undefined
            ? t("{0} cannot be reached.", host)
            : t("{0} cannot be reached ({1}).", host, plainText(failure.code, 60)),
        remedy: check,
      };
  }
};

const notUsable = (failure: Exclude<MetadataFailure, NotReached>, host: string, t: Translate): Sentences => {
  switch (failure.kind) {
    case "redirected":
      return {
        finding: t("{0} answers with a redirect, which is not followed.", host),
        remedy: t(
          "Write the issuer in .mcp.json as the identity provider itself spells it, or sign in at the proxy.",
        ),
      };
    case "status":
      return {
        finding: t(
          "{0} has no metadata at this issuer's address: it answers with status {1}.",
          host,
          failure.status,
        ),
        remedy: t("Check userAuth.issuer in .mcp.json, to the last character: many issuers have a path."),
      };
    case "wrongIssuer":
      return {
        finding: t("The metadata of {0} is that of another issuer: {1}.", host, failure.found),
        remedy: t(
          "Write the issuer in .mcp.json exactly as the metadata spells it, slash at the end included.",
        ),
      };
    case "insecure":
      return {
        finding: t("{0} is not asked: its address is not https.", host),
        remedy: t("Write an https address in userAuth.issuer."),
      };
    case "invalid":
      return {
        finding: t("What {0} answers is no valid metadata.", host),
        remedy: t(
          "Check userAuth.issuer in .mcp.json. A proxy that shows a page of its own answers like this too.",
        ),
      };
  }
};

const judgeCertificate = ({ issuer, answer }: IssuerFacts, t: Translate): readonly Finding[] => {
  const judge = judgesOf("certificate");
  const url = URL.parse(issuer);
  const host = hostOf(issuer);
  if (answer.kind === "certificate") {
    return [judge.failed(certificateSentence(answer.what, host, answer.code, t), remedyFor(answer.what, t))];
  }
  if (url !== null && url.protocol === "http:" && isLoopback(url)) {
    return [judge.ok(t("{0} is on this machine, and needs none.", host))];
  }
  // Whoever was not reached has shown no certificate.
  const spoke = ["metadata", "redirected", "status", "wrongIssuer", "invalid"].includes(answer.kind);
  return spoke ? [judge.ok(t("The certificate of {0} is trusted.", host))] : [];
};

const certificateSentence = (what: CertificateTrouble, host: string, code: string, t: Translate): string => {
  switch (what) {
    case "untrusted":
      return t("The certificate of {0} comes from nobody that is trusted here ({1}).", host, code);
    case "expired":
      return t("The certificate of {0} has expired ({1}).", host, code);
    case "notYetValid":
      return t("The certificate of {0} is not valid yet ({1}).", host, code);
    case "otherName":
      return t("The certificate of {0} is for another name ({1}).", host, code);
    case "handshake":
      return t("No secure connection to {0} came about ({1}).", host, code);
  }
};

const remedyFor = (what: CertificateTrouble, t: Translate): string => {
  switch (what) {
    case "untrusted":
      return t(
        "Install your company's root certificate in the system's store, on the machine where the extension runs, keep http.systemCertificates and http.fetchAdditionalSupport on, and reload the window.",
      );
    case "expired":
    case "notYetValid":
      return t(
        "Check this machine's clock. If it is right, tell the administrators of the identity provider.",
      );
    case "otherName":
      return t("Check userAuth.issuer in .mcp.json. A proxy in between answers like this too.");
    case "handshake":
      return t("Check the proxy settings of the editor: something in between may not speak TLS.");
  }
};

const judgeClock = ({ issuer, clock }: IssuerFacts, t: Translate): readonly Finding[] => {
  if (clock === undefined) return [];
  const judge = judgesOf("clock");
  const host = hostOf(issuer);
  const seconds = Math.round(Math.abs(clock.aheadMs) / 1000);
  const offMs = Math.max(0, Math.abs(clock.aheadMs) - clock.uncertaintyMs);
  if (offMs <= skew.warnMs) return [judge.ok(t("This machine and {0} agree on the time.", host))];
  const finding =
    clock.aheadMs > 0
      ? t("This machine's clock is {0} s ahead of that of {1}.", seconds, host)
      : t("This machine's clock is {0} s behind that of {1}.", seconds, host);
  const remedy = t("Set this machine's date and time, or let it set them by the network.");
  return [offMs > skew.failMs ? judge.failed(finding, remedy) : judge.warning(finding, remedy)];
};
