import * as z from "zod";
import {
  eventsProblem,
  issuerProblem,
  redirectProblem,
  resourceProblem,
  type UrlProblem,
} from "../issues/urlProblem.ts";

/** A text whose problem, when it has one, travels as `params.problem` of zod's custom issue. */
export const checked = (problemOf: (text: string) => UrlProblem | undefined): z.ZodString =>
  z.string().check((context) => {
    const problem = problemOf(context.value);
    if (problem === undefined) return;
    context.issues.push({ code: "custom", input: context.value, params: { problem } });
  });

const splitScopes = (scopes: string | readonly string[]): readonly string[] => {
  const words = (typeof scopes === "string" ? [scopes] : scopes).flatMap((each) => each.split(/\s+/));
  const unique = [...new Set(words.filter((word) => word !== ""))];
  return unique.length === 0 ? ["openid"] : unique;
};

/** Names of tools, `*` for any characters (MCP 2025-11-25 has letters, digits and `_-./` in them). */
const toolNames = z
  .array(
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^[^\s,;\p{C}]+$/u),
  )
  .min(1)
  .max(200)
  .exactOptional();

/** What `userAuth.tools` and an administrator's rules have in common. */
export const toolRuleShapes = {
  allow: toolNames.describe(
    "The tools that clients see and may call, by name; `*` stands for any characters. Without it: all.",
  ),
  deny: toolNames.describe(
    "Tools that clients neither see nor may call, by name; `*` stands for any characters. Comes before `allow`.",
  ),
  readOnly: z
    .boolean()
    .exactOptional()
    .describe("Only tools that the server marks as changing nothing (`annotations.readOnlyHint`)."),
};

/** Of the authorization request: those that are listed lead nowhere else and weaken nothing. */
const parameter = z.string().min(1).max(500).exactOptional();

/** What an entry's `userAuth` says of the sign-in, after its variables have been expanded. Unknown keys are ignored. */
export const signInSchema = z.object({
  issuer: checked(issuerProblem).describe(
    "The https URL of your identity provider, exactly as its metadata spells it. Everyone who signs in for this server signs in there.",
  ),
  clientId: z
    .string()
    .min(1)
    .describe("The client under which the identity provider knows Lanyard. A public client: no secret."),
  scopes: z
    .union([z.string(), z.array(z.string())])
    .default("openid")
    .transform(splitScopes)
    .describe('The scopes of the sign-in, separated by spaces. Without it: "openid".'),
  resource: checked(resourceProblem)
    .exactOptional()
    .describe("The resource for which the sign-in's own tokens are asked (RFC 8707)."),
  redirectUri: checked(redirectProblem)
    .exactOptional()
    .describe(
      "The redirect to this machine that is registered at the identity provider, where it compares redirects whole: for example http://localhost:8123/callback. Without a port, any free one is taken. Without it: http://127.0.0.1/callback with any free port.",
    ),
  prompt: z
    .enum(["login", "consent", "select_account"])
    .exactOptional()
    .describe(
      "What the identity provider asks the person in any case (OpenID Connect). `consent` is for providers that give no refresh token without; at Entra it shows everybody but administrators that an approval is needed.",
    ),
  offlineAccess: z
    .boolean()
    .exactOptional()
    .describe(
      "Whether the scope offline_access is asked for, so that the sign-in lasts. Without it: where the identity provider names that scope, and not at Keycloak.",
    ),
  parameters: z
    .strictObject({
      ...{ audience: parameter, access_type: parameter, connection: parameter, domain_hint: parameter },
      ...{ hd: parameter, idp: parameter, identity_provider: parameter, kc_idp_hint: parameter },
      ...{ login_hint: parameter, organization: parameter, ui_locales: parameter },
    })
    .exactOptional()
    .describe("Parameters that your identity provider wants with the sign-in, such as Auth0's audience."),
  reuseSeconds: z
    .int()
    .min(0)
    .max(60)
    .exactOptional()
    .describe(
      "For how many seconds at most the bridge may use a credential again before the source is asked anew: 0 to 60. Without it: 10.",
    ),
  tools: z
    .strictObject(toolRuleShapes)
    .exactOptional()
    .describe(
      "Which of the server's tools may be used. Only beside command: lanyard bridge leaves the others out of the list, and refuses their calls.",
    ),
  clientSecret: z
    .string()
    .refine((text) => /^\$\{[A-Za-z_]\w*\}$/.test(text), {
      error:
        '"clientSecret" has to name one variable and nothing else, without a default: the secret itself does not belong into the file.',
    })
    .exactOptional()
    .describe(
      "The variable that holds the client's secret, alone: ${NAME}. Only for identity providers that give one to applications on people's machines (Google): everybody who has the application knows it, so it protects nothing. The machine setting lanyard.clientSecrets comes first.",
    ),
  events: checked(eventsProblem)
    .exactOptional()
    .describe(
      "Where your company's vault tells at once that a sign-in was revoked. Asked with the access token, and held until there is something to tell.",
    ),
});

/** How a server is reached. `streamable-http` is another name for `http`. */
export const transportSchema = z
  .enum(["http", "streamable-http", "sse", "ws"])
  .transform((type) => (type === "streamable-http" ? "http" : type))
  .describe("How the server is reached. userAuth works with http, sse and ws.");

export type UserAuth = Readonly<z.output<typeof signInSchema>>;
export type Transport = z.output<typeof transportSchema>;
