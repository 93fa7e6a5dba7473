import * as z from "zod";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const deferred = "urn:ietf:params:oauth:grant-type:deferred";
const prefix = "urn:ietf:params:oauth:token-type:";

export type ExchangeQuestion =
  | {
      readonly kind: "exchange";
      readonly token: string;
      readonly tokenKind: "access_token" | "id_token";
      /** What was named, `resource` before `audience`. */
      readonly target: string;
      readonly mayDefer: boolean;
    }
  | { readonly kind: "deferred"; readonly code: string }
  | { readonly kind: "malformed"; readonly error: string; readonly reason: string };

const once = z.array(z.string()).max(1);
const fields = z.object({
  grant_type: once,
  client_id: once,
  subject_token: once,
  subject_token_type: once,
  completion_mode: once,
  deferral_code: once,
});
/** Larger than any token that a header could carry. */
const longestToken = 16_384;
const longestTarget = 2048;

/** Reads the form of a question (RFC 8693, section 2.1). `client_id` has to be one of the public clients. */
export const questionIn = (form: URLSearchParams, clients: readonly string[]): ExchangeQuestion => {
  const read = fields.safeParse(
    Object.fromEntries(Object.keys(fields.shape).map((name) => [name, form.getAll(name)])),
  );
  if (!read.success) return malformed("A field is given twice.");
  const [grant, client] = [read.data.grant_type[0], read.data.client_id[0]];
  if (client === undefined || !clients.includes(client))
    return malformed("This client_id is not one that people sign in with here.", "invalid_client");
  if (grant === deferred) {
    const code = read.data.deferral_code[0] ?? "";
    return /^[\w-]{20,100}$/.test(code)
      ? { kind: "deferred", code }
      : malformed("The deferral_code is missing.");
  }
  if (grant !== exchange)
    return malformed("Tokens are exchanged here, and nothing else.", "unsupported_grant_type");
  return exchangeIn(read.data, form);
};

const exchangeIn = (read: z.output<typeof fields>, form: URLSearchParams): ExchangeQuestion => {
  const [token, type] = [read.subject_token[0] ?? "", read.subject_token_type[0]];
  if (token === "" || token.length > longestToken)
    return malformed("The subject_token is missing, or no token.");
  const tokenKind =
    type === `${prefix}access_token` ? "access_token" : type === `${prefix}id_token` ? "id_token" : undefined;
  if (tokenKind === undefined)
    return malformed("The subject_token_type is missing, or not one that is taken here.");
  if (form.has("actor_token")) return malformed("No actor_token is taken here.");
  const resources = form.getAll("resource");
  const targets = resources.length > 0 ? resources : form.getAll("audience");
  const [target, ...others] = new Set(targets);
  if (target === undefined || others.length > 0 || target.length > longestTarget)
    return malformed("Name one resource.", "invalid_target");
  return { kind: "exchange", token, tokenKind, target, mayDefer: read.completion_mode[0] === "deferred" };
};

/** Nothing of it is the caller's own text (RFC 6749, section 5.2). */
const malformed = (reason: string, error = "invalid_request"): ExchangeQuestion => ({
  ...{ kind: "malformed", error, reason },
});

/** What `Prefer` asks for (RFC 7240): how long the answer may be held, and that nobody is to be asked for it. */
export const preferencesIn = (
  header: string | undefined,
): { readonly waitMs: number; readonly unasked: boolean } => {
  const parts = (header ?? "").split(/[,;]/).map((part) => part.trim().toLowerCase());
  const wait = parts
    .map((part) => /^wait\s*=\s*"?(\d{1,4})"?$/.exec(part)?.[1])
    .find((found) => found !== undefined);
  return {
    waitMs: Math.min(Number(wait ?? 0), longestWaitSeconds) * 1000,
    unasked: parts.includes("no-push"),
  };
};

const longestWaitSeconds = 30;
