import type { IssuedCredential } from "./credentials.ts";

/** What comes of asking the vault, before any wire format. */
export type VaultAnswer =
  | { readonly kind: "granted"; readonly credential: IssuedCredential; readonly expiresInSeconds: number }
  | {
      readonly kind: "needs-connection";
      readonly url: string;
      readonly intervalSeconds: number;
      readonly expiresInSeconds: number;
      readonly tooFast: boolean;
    }
  | { readonly kind: "step-up"; readonly acrValues: string; readonly maxAgeSeconds: number }
  | {
      readonly kind: "step-up-url";
      readonly url: string;
      readonly intervalSeconds: number;
      readonly expiresInSeconds: number;
      readonly tooFast: boolean;
    }
  | {
      readonly kind: "push";
      readonly bindingMessage: string;
      readonly intervalSeconds: number;
      readonly expiresInSeconds: number;
      readonly tooFast: boolean;
    }
  /** A push is needed, and was not sent, for nobody asked for one. */
  | { readonly kind: "push-unsent" }
  | { readonly kind: "expired" }
  | {
      readonly kind: "denied";
      readonly by: "policy" | "user";
      readonly reason: string;
      readonly helpUrl: string;
    }
  | { readonly kind: "down"; readonly reason: string; readonly retryAfterSeconds: number }
  | { readonly kind: "dead-token"; readonly reason: string }
  | { readonly kind: "unknown-connector"; readonly asked: string };

/** True while the person, or the phone, may still change the answer. */
export const isOpen = (answer: VaultAnswer): boolean =>
  answer.kind === "needs-connection" || answer.kind === "push" || answer.kind === "step-up-url";
