import type { BoardEntry } from "../connectors/board/boardEntry.ts";

/** Which issuers the doctor may ask, and which it may not, and why. */
export interface IssuersHere {
  readonly probe: readonly string[];
  readonly leave: readonly { readonly issuer: string; readonly why: "unapproved" | "untrusted" }[];
}

/**
 * An issuer is asked where the person has agreed to one of its connectors, or has signed in there; in a folder that is
 * not trusted none is.
 * @param sessions the issuers of the sign-ins that policies allow; what they forbid is not among the entries either
 */
export const issuersHere = (
  entries: readonly BoardEntry[],
  sessions: readonly string[],
  isTrusted: boolean,
): IssuersHere => {
  const agreed = entries.filter(({ status }) => status.kind !== "unapproved" && status.kind !== "untrusted");
  const known = new Set([...agreed.map(({ connector }) => connector.userAuth.issuer), ...sessions]);
  const all = new Set([...known, ...entries.map(({ connector }) => connector.userAuth.issuer)]);
  if (!isTrusted) return { probe: [], leave: [...all].map((issuer) => ({ issuer, why: "untrusted" })) };
  return {
    probe: [...known],
    leave: [...all].filter((issuer) => !known.has(issuer)).map((issuer) => ({ issuer, why: "unapproved" })),
  };
};
