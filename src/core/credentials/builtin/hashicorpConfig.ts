import * as z from "zod";
import { madeHeadersSchema, pointerSchema, secureUrlSchema } from "../declaration.ts";
import { isPath } from "./hashicorpPath.ts";

const pathSchema = z.string().min(1).refine(isPath, {
  error: "The path may hold {entityId}, {/metadata/NAME}, {subject} and {connector}; other braces must pair.",
});

/** What the entry says of its Vault. */
export const hashicorpConfigSchema = z.object({
  source: z.literal("hashicorp-vault").describe("A secret or an OAuth token in HashiCorp Vault."),
  address: secureUrlSchema.describe("Vault's address, such as https://vault.example.com:8200."),
  nodes: z
    .array(secureUrlSchema)
    .max(20)
    .optional()
    .describe("The addresses of the cluster's nodes, where a standby redirects to the active one."),
  namespace: z.string().optional().describe("The namespace (Vault Enterprise, HCP)."),
  authMount: z.string().min(1).optional().describe("Where the JWT auth method is mounted; jwt if absent."),
  role: z.string().min(1).describe("The role of the JWT auth method to log in with."),
  login: z
    .enum(["access_token", "id_token"])
    .optional()
    .describe("Which of the user's tokens logs in; the access token if absent."),
  engine: z
    .enum(["kv", "oauth", "read"])
    .optional()
    .describe(
      "KV version 2, the OAuth engine (vault-plugin-secrets-oauthapp), or any path that can be read; kv if absent.",
    ),
  mount: z
    .string()
    .min(1)
    .optional()
    .describe("Where the secrets engine is mounted; secret or oauth2 if absent."),
  path: pathSchema.describe(
    "The secret's path, the OAuth credential's name, or for read the whole path. May hold {entityId}, {/metadata/NAME} of the login, {subject}.",
  ),
  field: z.string().min(1).optional().describe("The field of the KV secret; token if absent."),
  value: pointerSchema.optional().describe("For read: where the credential is; /data/token if absent."),
  expiresIn: pointerSchema
    .optional()
    .describe("For read: where its life in seconds is; /lease_duration if absent."),
  expiresAt: pointerSchema.optional().describe("For read: where its end is."),
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
