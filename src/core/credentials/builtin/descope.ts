import * as z from "zod";
import { grantsWith, statusRules } from "../reply/commonRules.ts";
import { secureUrlSchema, type DeclarationInput, type JsonTemplate } from "../declaration.ts";
import { withoutUndefined } from "../request/variables.ts";
import { declaredSource, type SourceRow } from "../row.ts";
import { literal } from "../request/template.ts";

const config = z.object({
  source: z.literal("descope").describe("The token of an outbound app in Descope."),
  projectId: z.string().min(1).describe("The Descope project."),
  appId: z.string().min(1).describe("The outbound app (connection) whose token is wanted."),
  tenantId: z.string().optional().describe("The tenant, where the app is used by tenant."),
  scopes: z
    .array(z.string())
    .optional()
    .describe("Asks for a token with exactly these scopes; the stored one if absent."),
  baseUrl: secureUrlSchema.optional().describe("https://api.descope.com if absent."),
  redirectUrl: secureUrlSchema.optional().describe("Where Descope leads the browser after connecting."),
});

type Config = z.output<typeof config>;

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : literal(value);

const post = (
  given: Config,
  path: string,
  json: Readonly<Record<string, JsonTemplate | undefined>>,
): DeclarationInput["request"] => ({
  ...{ method: "POST", repeatable: true },
  url: literal(`${(given.baseUrl ?? defaultBaseUrl).replace(/\/+$/, "")}${path}`),
  headers: { Authorization: `Bearer ${literal(given.projectId)}:{userToken}` },
  json: withoutUndefined(json),
});

const defaultBaseUrl = "https://api.descope.com";

/** Descope's outbound apps: the user's upstream token, and the page to connect on where there is none. */
export const descope: SourceRow<typeof config> = declaredSource({
  config,
  declare: (given) => {
    const scopes = given.scopes?.map(literal);
    const app = { appId: literal(given.appId), tenantId: text(given.tenantId) };
    const latest = scopes === undefined ? "/latest" : "";
    return {
      request: post(given, `/v1/mgmt/outbound/app/user/token${latest}`, {
        ...app,
        userId: "{subject}",
        scopes,
      }),
      credential: { value: "/token/accessToken", expiresAt: "/token/accessTokenExpiry" },
      rules: [
        grantsWith("/token/accessToken"),
        {
          when: { status: 404 },
          then: {
            grant: "needsConnection",
            interval: 2,
            reason: "The account is not connected, or lacks scopes.",
          },
        },
        {
          when: { status: 403 },
          then: { grant: "denied", by: "policy", reason: "A policy refuses access to this connection." },
        },
        ...statusRules,
      ],
      connect: {
        request: post(given, "/v1/mgmt/outbound/app/connect", {
          ...app,
          options: withoutUndefined<JsonTemplate>({ redirectUrl: text(given.redirectUrl), scopes }),
        }),
        url: "/url",
      },
      expired: { grant: "needsConnection", interval: 2, reason: "The connected account has to be renewed." },
      says: ["/errorDescription", "/errorMessage", "/message"],
    };
  },
  destinations: ({ baseUrl }) => [baseUrl ?? defaultBaseUrl],
});
