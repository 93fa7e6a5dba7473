import * as z from "zod";
import { madeHeadersSchema, secureUrlSchema } from "../declaration.ts";
import { parseTemplate } from "../request/template.ts";
import { isVariableName, secretVariables } from "../request/variables.ts";

const pathSchema = z
  .string()
  .min(1)
  .refine(
    (path) =>
      parseTemplate(path)?.every(
        (part) =>
          part.kind === "text" ||
          (part.kind === "variable" && isVariableName(part.name) && !secretVariables.has(part.name)),
      ) === true,
    { error: "The path may hold {subject} and {connector}; other braces must pair." },
  );

/** What the entry says of its Vault. */
export const hashicorpConfigSchema = z.object({
  source: z.literal("hashicorp-vault").describe("A secret or an OAuth token in HashiCorp Vault."),
  address: secureUrlSchema.describe("Vault's address, such as https://vault.example.com:8200."),
  namespace: z.string().optional().describe("The namespace (Vault Enterprise, HCP)."),
  authMount: z.string().min(1).optional().describe("Where the JWT auth method is mounted; jwt if absent."),
  role: z.string().min(1).describe("The role of the JWT auth method to log in with."),
  login: z
    .enum(["access_token", "id_token"])
    .optional()
    .describe("Which of the user's tokens logs in; the access token if absent."),
  engine: z
    .enum(["kv", "oauth"])
    .optional()
    .describe("KV version 2, or the OAuth engine (vault-plugin-secrets-oauthapp); kv if absent."),
  mount: z
    .string()
    .min(1)
    .optional()
    .describe("Where the secrets engine is mounted; secret or oauth2 if absent."),
  path: pathSchema.describe("The secret's path, or the OAuth credential's name. May hold {subject}."),
  field: z.string().min(1).optional().describe("The field of the KV secret; token if absent."),
  minimumSeconds: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe("How long an OAuth token must still live; 60 if absent."),
  headers: madeHeadersSchema
    .optional()
    .describe('The headers made of the secret; { "Authorization": "Bearer {credential}" } if absent.'),
  connectUrl: secureUrlSchema.optional().describe("Where people put the secret when there is none."),
});

export type HashicorpConfig = z.output<typeof hashicorpConfigSchema>;
