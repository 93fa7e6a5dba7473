import type { Translate } from "../../text.ts";
import type { BoardEntry } from "../board/boardEntry.ts";

/**
 * How long what was handed out can still be used, whatever happens to the person: a header that has left lives until
 * its vault kills it or it expires by itself. The worst case after an off-boarding (docs/offboarding.md).
 */
export type Exposure =
  | { readonly kind: "none" }
  | { readonly kind: "until"; readonly atMs: number }
  /** The vault did not say when the credential ends. */
  | { readonly kind: "unknown" };

export const exposureOf = (issued: BoardEntry["lastIssued"], nowMs: number): Exposure => {
  if (issued === undefined) return { kind: "none" };
  const { expiresAtMs } = issued;
  if (expiresAtMs === undefined) return { kind: "unknown" };
  return expiresAtMs <= nowMs ? { kind: "none" } : { kind: "until", atMs: expiresAtMs };
};

/** The worst of several: one that does not end by what is known, else the one that ends last. */
export const worstOf = (exposures: readonly Exposure[]): Exposure => {
  const ends = exposures.flatMap((exposure) => (exposure.kind === "until" ? [exposure.atMs] : []));
  if (exposures.some(({ kind }) => kind === "unknown")) return { kind: "unknown" };
  return ends.length === 0 ? { kind: "none" } : { kind: "until", atMs: Math.max(...ends) };
};

/** When something ends, in words that follow "can live": for what is read once, and for what is read later again. */
export type Lasting = (endsAtMs: number) => string;

/** One connector's, as a sentence; `undefined` where nothing was handed out. */
export const lastCredentialSentence = (
  issued: BoardEntry["lastIssued"],
  t: Translate,
  nowMs: number,
  lasting: Lasting = forHowLong(t, nowMs),
): string | undefined => {
  if (issued === undefined) return undefined;
  const exposure = exposureOf(issued, nowMs);
  switch (exposure.kind) {
    case "none":
      return t("Its last credential has expired.");
    case "unknown":
      return t("Its last credential does not say when it ends.");
    case "until":
      return t("Its last credential can live {0}, even if you lose access now.", lasting(exposure.atMs));
  }
};

/** A whole sign-in's, as a sentence. */
export const worstCaseSentence = (
  exposure: Exposure,
  t: Translate,
  nowMs: number,
  lasting: Lasting = forHowLong(t, nowMs),
): string => {
  switch (exposure.kind) {
    case "none":
      return t("Nothing that was handed out still lives.");
    case "unknown":
      return t(
        "If you lose access now, what was handed out ends when its vault ends it: one credential names no end.",
      );
    case "until":
      return t("If you lose access now, what was handed out can live {0}.", lasting(exposure.atMs));
  }
};

const forHowLong =
  (t: Translate, nowMs: number): Lasting =>
  (endsAtMs) => {
    const seconds = Math.max(1, Math.ceil((endsAtMs - nowMs) / 1000));
    if (seconds < 120) return t("for {0} s more", seconds);
    const minutes = Math.ceil(seconds / 60);
    return minutes < 120 ? t("for {0} min more", minutes) : t("for {0} h more", Math.ceil(minutes / 60));
  };
