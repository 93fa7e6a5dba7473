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
