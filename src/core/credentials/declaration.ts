import * as z from "zod";
import { resourceProblem, serverUrlProblem, type UrlProblem } from "../config/issues/urlProblem.ts";
import { isSecureUrl } from "../urls.ts";
import { allowedName, isToken } from "./headers.ts";
import { pointerPattern } from "./request/pointer.ts";
import { leadingText, parseTemplate, type Template } from "./request/template.ts";
import { isVariableName, secretVariables } from "./request/variables.ts";

/** Which variables and pointers a template may hold. */
interface TemplateUse {
  readonly secrets: boolean;
  readonly reply: boolean;
}

const allows = (template: Template | undefined, use: TemplateUse): boolean =>
  template?.every((part) => {
    if (part.kind === "text") return true;
    if (part.kind === "pointer") return use.reply;
    if (use.reply && part.name === "credential") return true;
    return isVariableName(part.name) && (use.secrets || !secretVariables.has(part.name));
  }) === true;

const templateFor = (use: TemplateUse): z.ZodString =>
  z.string().refine((text) => allows(parseTemplate(text), use), {
    error:
      "Not a template: {variable} must name a known variable that is allowed in this place, and braces pair.",
  });

/** Goes to the vault: may hold the user's token. */
const requestTemplate = templateFor({ secrets: true, reply: false });
/** Goes to the connector: what the vault answered, never the user's token. */
const headerTemplate = templateFor({ secrets: false, reply: true });

/** The whole authority stands in the text, so that no variable decides where a token goes. */
const namesItsHost = (template: Template | undefined): boolean => {
  if (template === undefined) return false;
  const start = /^https?:\/\/[^/?#\\@]+(?=[/?#]|$)/.exec(leadingText(template))?.[0];
  if (start === undefined || (template.length > 1 && start === leadingText(template))) return false;
  const url = URL.parse(start);
  return url !== null && isSecureUrl(url);
};

/** https (or http on this machine), host in plain text, variables percent-encoded, no secret among them. */
export const urlTemplateSchema = z
  .string()
  .refine((text) => allows(parseTemplate(text), { secrets: false, reply: false }), {
    error:
      "The URL may not hold the user's token or another secret, and every {variable} in it must be known.",
  })
  .refine((text) => namesItsHost(parseTemplate(text)), {
    error: "The URL must be https (or http on this machine) and spell its host without a {variable}.",
  });

/** A text whose problem travels as `params.problem`, as the schema of `.mcp.json` reports all of its URLs. */
const checkedUrl = (problemOf: (text: string) => UrlProblem | undefined): z.ZodString =>
  z.string().check((context) => {
    const problem = problemOf(context.value);
    if (problem === undefined) return;
    const message = "The URL must be https, or http on this machine, and hold no user name.";
    context.issues.push({ code: "custom", input: context.value, message, params: { problem } });
  });

/** A URL without variables, to send a token or a person to. */
export const secureUrlSchema = checkedUrl((text) => {
  const url = URL.parse(text);
  return serverUrlProblem(text) ?? (url !== null && isSecureUrl(url) ? undefined : "insecureUrl");
});

/** A resource indicator (RFC 8707). */
export const resourceSchema = checkedUrl(resourceProblem);

export const pointerSchema = z
  .string()
  .regex(pointerPattern, "Not a JSON pointer (RFC 6901), such as /data/token.");

/** Headers for the connector, each value a template over `{credential}` and `{/pointer}`s into the reply. */
export const madeHeadersSchema = z
  .record(z.string(), headerTemplate)
  .refine((headers) => Object.keys(headers).length > 0, { error: "At least one header must be made." })
  .refine((headers) => Object.keys(headers).every(allowedName), {
    error: "One of these names is no header name, or belongs to the transport and may not be set.",
  });

export const jsonTemplateSchema: z.ZodType<JsonTemplate, JsonTemplate> = z.lazy(() =>
  z.union([
    requestTemplate,
    z.number(),
    z.boolean(),
    z.null(),
    z.array(jsonTemplateSchema),
    z.record(z.string(), jsonTemplateSchema),
  ]),
);
export type JsonTemplate =
  string | number | boolean | null | readonly JsonTemplate[] | { readonly [name: string]: JsonTemplate };

export const requestSchema = z
  .strictObject({
    method: z.enum(["GET", "POST", "PUT"]).default("GET"),
    url: urlTemplateSchema,
    headers: z
      .record(z.string(), requestTemplate)
      .refine((headers) => Object.keys(headers).every(isToken), { error: "A name is no header name." })
      .default({ Authorization: "Bearer {userToken}" }),
    form: z.record(z.string(), requestTemplate).optional(),
    json: jsonTemplateSchema.optional(),
    /** Whether it may reach the vault twice without harm, as a GET may. */
    repeatable: z.boolean().optional(),
  })
  .refine((request) => request.form === undefined || request.json === undefined, {
    error: "A request has a form or a JSON body, not both.",
  })
  .refine((request) => request.method !== "GET" || (request.form ?? request.json) === undefined, {
    error: "A GET request has no body.",
  });

const statusSchema = z.union([z.number().int().min(100).max(599), z.enum(["2xx", "4xx", "5xx"])]);

const matcherSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([z.string(), z.number(), z.boolean()])),
  z.strictObject({ present: z.boolean() }),
  /** Case-insensitive; for vaults that tell their answers apart by their words alone. */
  z.strictObject({ contains: z.string() }),
]);

/** Every condition must hold; none at all always holds. */
const whenSchema = z.strictObject({
  status: z.union([statusSchema, z.array(statusSchema)]).optional(),
  match: z.record(pointerSchema, matcherSchema).optional(),
});

const polling = {
  /** Seconds between two questions; a literal number where the vault does not say. */
  interval: z.union([pointerSchema, z.number().nonnegative()]).default("/interval"),
  /** Seconds until the offer ends. */
  expiresIn: pointerSchema.default("/expires_in"),
};
const reason = z.string().optional();
/** A pointer into the reply, or a URL as it stands. */
const personUrl = z.union([pointerSchema, secureUrlSchema]);

/** How the person proves more than they have proved so far. */
const stepUpSchema = z.discriminatedUnion("how", [
  z.strictObject({
    grant: z.literal("stepUp"),
    how: z.literal("reauthenticate"),
    acrValues: pointerSchema.default("/acr_values"),
    maxAge: pointerSchema.default("/max_age"),
    /** Where a claims request (OpenID Connect Core, section 5.5) names the acr. */
    claims: pointerSchema.default("/claims"),
    reason,
  }),
  z.strictObject({ grant: z.literal("stepUp"), how: z.literal("url"), url: personUrl, ...polling, reason }),
  z.strictObject({
    grant: z.literal("stepUp"),
    how: z.literal("push"),
    bindingMessage: pointerSchema.default("/binding_message"),
    ...polling,
    /** RFC 8628, section 3.5: five seconds more. */
    slowDown: z.boolean().default(false),
    reason,
  }),
]);

/** What a reply means: one of the grants, with the places of what it carries. */
const outcomeSchema = z.discriminatedUnion("grant", [
  z.strictObject({ grant: z.literal("granted") }),
  /** Without `url`, the declaration's `connect` request is asked for one. */
  z.strictObject({ grant: z.literal("needsConnection"), url: personUrl.optional(), ...polling, reason }),
  stepUpSchema,
  z.strictObject({ grant: z.literal("pending"), ...polling, slowDown: z.boolean().default(false) }),
  z.strictObject({
    grant: z.literal("denied"),
    by: z.enum(["policy", "user", "upstream"]).default("policy"),
    reason,
    helpUrl: pointerSchema.default("/error_uri"),
  }),
  z.strictObject({ grant: z.literal("signedOut") }),
  /** `{0}` is the host, `{1}` the status, `{2}` what the vault said. */
  z.strictObject({
    grant: z.literal("misconfigured"),
    problem: z.string(),
    /** It is asked again by itself, with growing pauses. */
    passes: z.boolean().optional(),
  }),
  z.strictObject({
    grant: z.literal("unavailable"),
    reason,
    retryAfter: pointerSchema.default("/retry_after"),
  }),
]);

export const ruleSchema = z
  .strictObject({
    /** The `WWW-Authenticate` challenge (RFC 9110, section 11.6.1) is read instead of the body. */
    in: z.enum(["body", "challenge"]).default("body"),
    when: whenSchema,
    then: outcomeSchema,
  })
  .refine((rule) => rule.then.grant !== "granted" || isSuccess(rule.when.status), {
    error: "Only a 2xx status can grant: name it in `when.status`.",
  });

const isSuccess = (status: z.infer<typeof whenSchema>["status"]): boolean => {
  const statuses = Array.isArray(status) ? status : [status];
  return statuses.every((one) => one === "2xx" || (typeof one === "number" && one >= 200 && one < 300));
};

/** Where the credential and its expiry are in the reply. */
export const credentialPlaceSchema = z.strictObject({
  value: pointerSchema.default("/access_token"),
  /** Seconds from now. */
  expiresIn: pointerSchema.optional(),
  /** Seconds or milliseconds since the epoch, or RFC 3339; zero stands for none. */
  expiresAt: pointerSchema.optional(),
  /** What `expiresIn` means by zero: a lease that never ends, or a credential that is over. */
  zero: z.enum(["expired", "never"]).default("expired"),
});

/**
 * One credential source as data: what to ask, where the credential is in the reply, which headers it becomes, and
 * what every other reply means. The first rule that matches decides; a reply that none matches is never granted.
 */
export const declarationSchema = z.strictObject({
  request: requestSchema,
  credential: credentialPlaceSchema,
  headers: madeHeadersSchema.default({ Authorization: "Bearer {credential}" }),
  rules: z.array(ruleSchema),
  /** Asks for the page on which the person connects their account. */
  connect: z
    .strictObject({
      request: requestSchema,
      url: pointerSchema,
      expiresIn: pointerSchema.default("/expires_in"),
    })
    .optional(),
  /** Once a waiting reply carried this code, polls send this request instead, with `{deferralCode}`. */
  deferred: z
    .strictObject({ code: pointerSchema.default("/deferral_code"), request: requestSchema })
    .optional(),
  /** What a credential means that has expired when it arrives. */
  expired: outcomeSchema.optional(),
  /** The vault is a cluster, of which any node may redirect to another; requests follow to these, and to no others. */
  nodes: z.array(secureUrlSchema).optional(),
  /** Where the reply speaks to people, best first. */
  says: z.array(pointerSchema).default(["/error_description", "/message", "/error"]),
  /** Some vaults hand out form-encoded replies of others as they came. */
  replies: z.enum(["json", "jsonOrForm"]).default("json"),
});

export type RequestDeclaration = z.infer<typeof requestSchema>;
export type ReplyRule = z.infer<typeof ruleSchema>;
export type ReplyRuleInput = z.input<typeof ruleSchema>;
export type RuleOutcome = z.infer<typeof outcomeSchema>;
export type Matcher = z.infer<typeof matcherSchema>;
export type Declaration = z.infer<typeof declarationSchema>;
export type DeclarationInput = z.input<typeof declarationSchema>;
