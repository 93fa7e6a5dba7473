import { z } from "zod";
import type { VaultRequest } from "../frontend.ts";

/** A token exchange request (RFC 8693 section 2.1), with the HTTP request that it came in. */
export interface ExchangeRequest extends VaultRequest {
  readonly form: URLSearchParams;
}

const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

const fields = z.object({
  subject_token: z.string().min(1).max(4096),
  subject_token_type: z.literal(accessTokenType),
  requested_token_type: z.literal(accessTokenType).optional(),
  targets: z.array(z.string().max(2048)).max(1),
});

/** What a well-formed request asks for; `target` is the connector's name, or what was sent in its place. */
export type ParsedExchange =
  | { readonly kind: "question"; readonly token: string; readonly target: string }
  | {
      readonly kind: "malformed";
      readonly error: "invalid_request" | "invalid_target";
      readonly reason: string;
    };

/** Reads the form. `nameOf` finds the connector of a resource (RFC 8707), which is its URL. */
export const parseExchange = (
  form: URLSearchParams,
  nameOf: (resource: string) => string | undefined,
): ParsedExchange => {
  const targets = [...form.getAll("resource"), ...form.getAll("audience")].map(
    (target) => nameOf(target) ?? target,
  );
  const parsed = fields.safeParse({
    subject_token: form.get("subject_token"),
    subject_token_type: form.get("subject_token_type"),
    requested_token_type: form.get("requested_token_type") ?? undefined,
    targets: [...new Set(targets)],
  });
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? "request");
    return name === "targets"
      ? malformed("invalid_target", "Name one connector, by resource or audience.")
      : malformed("invalid_request", `The ${name} is missing, or not one that this vault takes.`);
  }
  const target = parsed.data.targets[0];
  if (target === undefined)
    return malformed("invalid_target", "Name the connector, by resource or audience.");
  return { kind: "question", token: parsed.data.subject_token, target };
};

const malformed = (error: "invalid_request" | "invalid_target", reason: string): ParsedExchange => ({
  kind: "malformed",
  error,
  reason,
});

export { accessTokenType };
