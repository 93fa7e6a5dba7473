/** Every way in which a promise of ours can break. Expected outcomes are values (`Grant`, `SignInOutcome`), not errors. */
export type ErrorCode =
  | "cancelled"
  | "timedOut"
  | "replyTooLarge"
  | "redirectRefused"
  | "network"
  | "badReply"
  | "insecureUrl"
  | "storageFailed"
  | "agentUnreachable"
  | "endpointUnsafe"
  | "internal";

export class LanyardError extends Error {
  readonly code: ErrorCode;

  /** `message` is for the person: what, where and what to do. It holds no secret and nothing from the network unescaped. */
  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "LanyardError";
    this.code = code;
  }
}

export const hasCode = (error: unknown, code: ErrorCode): boolean =>
  error instanceof LanyardError && error.code === code;

/** The code of an error of the platform, such as `ENOENT`. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const deepestCause = 5;

/**
 * An error as a log may hold it, with its causes. Of errors that are not ours only name and code: the platform writes
 * header values and URLs into its messages.
 */
export const forLog = (error: unknown, depth = 0): string => {
  if (!(error instanceof Error)) return typeof error;
  const cause =
    error.cause === undefined || depth === deepestCause ? "" : ` < ${forLog(error.cause, depth + 1)}`;
  if (error instanceof LanyardError) return `${error.code}: ${error.message}${cause}`;
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  return `${error.name}${code}${cause}`;
};
