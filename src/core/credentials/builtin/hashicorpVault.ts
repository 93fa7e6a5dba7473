import * as z from "zod";
import { Secret } from "../../secret.ts";
import { startTrace } from "../../trace.ts";
import { madeHeadersSchema, requestSchema, secureUrlSchema } from "../declaration.ts";
import { codedSource, performDeclared, type SourceRow } from "../row.ts";
import { sendToVault } from "../request/send.ts";
import type { SourceResult, SourceQuery, SourcePorts } from "../source.ts";
import { parseTemplate } from "../request/template.ts";
import { isVariableName, secretVariables } from "../request/variables.ts";
import {
  loginDeclaration,
  readDeclaration,
  revokeRequest,
  vaultTokenHeader,
} from "./hashicorpDeclarations.ts";

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

const config = z.object({
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

export type HashicorpConfig = z.output<typeof config>;

/** A Vault token is not used in its last seconds. */
const marginMs = 10_000;

const keyOf = ({ address, namespace, authMount, role, login }: HashicorpConfig): string =>
  `vault ${JSON.stringify([address, namespace, authMount, role, login])}`;

/** Logs in, unless a token of this session is still good. Connectors that ask at once share one login. */
const vaultToken = async (
  given: HashicorpConfig,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult | Secret> => {
  const { keeper, clock } = ports;
  const known = keeper?.get(query.session.id, keyOf(given), clock.now());
  if (known !== undefined) return known.value;
  const logIn = (): Promise<SourceResult> => logInAndKeep(given, query, ports);
  const answer = await (keeper?.flights.run(`${query.session.id} ${keyOf(given)}`, logIn) ?? logIn());
  const token = answer.grant.kind === "granted" ? answer.grant.headers[vaultTokenHeader] : undefined;
  return token ?? answer;
};

const logInAndKeep = async (
  given: HashicorpConfig,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult> => {
  const answer = await performDeclared(loginDeclaration(given), {}, query, ports);
  if (answer.grant.kind !== "granted") return answer;
  const value = answer.grant.headers[vaultTokenHeader];
  if (value === undefined) return answer;
  ports.keeper?.put(query.session.id, keyOf(given), {
    value,
    expiresAtMs: (answer.grant.expiresAtMs ?? Infinity) - marginMs,
    release: () => revoke(given, value, query, ports),
  });
  return answer;
};

/** At sign-out, in a trace of its own: the question that the login served is long over. */
const revoke = async (
  given: HashicorpConfig,
  stepToken: Secret,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<void> => {
  const later = { ...query, trace: startTrace(), signal: new AbortController().signal };
  await sendToVault(requestSchema.parse(revokeRequest(given)), { stepToken }, later, ports);
};

const read = (
  given: HashicorpConfig,
  stepToken: Secret,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult> => performDeclared(readDeclaration(given), {}, query, ports, { stepToken });

/**
 * HashiCorp Vault: a login with the user's token, then the secret. A kept Vault token that is refused may have been
 * revoked by somebody else: the login is done once more before the refusal counts.
 */
export const hashicorpVault: SourceRow<typeof config> = codedSource({
  config,
  query: async (given, query, ports) => {
    const kept = ports.keeper?.get(query.session.id, keyOf(given), ports.clock.now());
    const token = await vaultToken(given, query, ports);
    if (!(token instanceof Secret)) return token;
    const answer = await read(given, token, query, ports);
    if (kept === undefined || answer.grant.kind !== "denied") return answer;
    ports.keeper?.drop(query.session.id, keyOf(given));
    await kept.release?.();
    const again = await vaultToken(given, query, ports);
    return again instanceof Secret ? read(given, again, query, ports) : again;
  },
  destinations: ({ address }) => [address],
});
