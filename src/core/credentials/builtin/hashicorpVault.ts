import type { SourceResult } from "../grant.ts";
import { Secret } from "../../secret.ts";
import { startTrace } from "../../trace.ts";
import { requestSchema } from "../declaration.ts";
import { codedSource, performDeclared, type SourceRow } from "../row.ts";
import { sendToVault } from "../request/send.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";
import { hashicorpConfigSchema, type HashicorpConfig } from "./hashicorpConfig.ts";
import {
  loginDeclaration,
  readDeclaration,
  revokeRequest,
  vaultTokenHeader,
} from "./hashicorpDeclarations.ts";

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
export const hashicorpVault: SourceRow<typeof hashicorpConfigSchema> = codedSource({
  config: hashicorpConfigSchema,
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
