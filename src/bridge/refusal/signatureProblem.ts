import type { IncomingMessage } from "node:http";

/**
 * What AWS calls a key or a signature that it does not take, for its time or for itself: with 403 or 400, where others
 * say 401. What the role may not do (`AccessDeniedException`) is none of them.
 */
const signatureProblems: ReadonlySet<string> = new Set([
  ...[
    "ExpiredToken",
    "UnrecognizedClient",
    "InvalidClientTokenId",
    "InvalidSignature",
    "SignatureDoesNotMatch",
  ],
  ...["RequestExpired", "RequestTimeTooSkewed", "MissingAuthenticationToken", "IncompleteSignature"],
]);

/** @returns AWS's name for why it does not take a signature, where it says one. */
export const signatureProblem = ({ statusCode, headers }: IncomingMessage): string | undefined => {
  const [name = ""] = String(headers["x-amzn-errortype"] ?? "").split(":");
  const isProblem = signatureProblems.has(name.replace(/Exception$/, ""));
  return isProblem && (statusCode === 403 || statusCode === 400) ? name : undefined;
};
