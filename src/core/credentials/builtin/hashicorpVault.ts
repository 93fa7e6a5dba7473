import * as z from "zod";
import { misconfigured, type SourceResult } from "../grant.ts";
import { Secret } from "../../secret.ts";
import { startTrace } from "../../trace.ts";
import { requestSchema } from "../declaration.ts";
import { codedSource, performDeclared, type SourceRow } from "../row.ts";
import { sendToVault } from "../request/send.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";
import { hashicorpConfigSchema, type HashicorpConfig } from "./hashicorpConfig.ts";
import {
  loginDeclaration,
  lookUpSelfRequest,
  readDeclaration,
  revokeRequest,
  vaultTokenHeader,
  verdictOf,
} from "./hashicorpDeclarations.ts";
import { pathFor, personSchema } from "./hashicorpPath.ts";

/** A Vault token is not used in its last seconds. */
const marginMs = 10_000;
/** One for a token that somebody has revoked, one for a role whose tokens are of few uses. */
const mostLogins = 3;

/** What a login came to, as one secret in the keeper. */
const loginSchema = z.object({ token: z.string(), person: personSchema, endsAtMs: z.number().optional() });

const keyOf = ({ address, namespace, authMount, role, login }: HashicorpConfig): string =>
  `vault ${JSON.stringify([address, namespace, authMount, role, login])}`;

/** Logs in, unless a login of this session is still good. Connectors that ask at once share one. */
const loggedIn = async (
  given: HashicorpConfig,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult | Secret> => {
  const { keeper, clock } = ports;
  const known = keeper?.get(query.session.id, keyOf(given), clock.now());
  if (known !== undefined) return known.value;
  const logIn = (): Promise<SourceResult> => logInAndKeep(given, query, ports);
  const answer = await (keeper?.flights.run(`${query.session.id} ${keyOf(given)}`, logIn) ?? logIn());
  const login = answer.grant.kind === "granted" ? answer.grant.headers[vaultTokenHeader] : undefined;
  return login ?? answer;
};

/** @returns the login as a grant's one header, which goes to no connector. */
const logInAndKeep = async (
  given: HashicorpConfig,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult> => {
  const life = ports.keeper?.life(query.session.id);
  let said: unknown;
  const answer = await performDeclared(
    loginDeclaration(given),
    {},
    query,
    ports,
    {},
    { see: (body) => (said = body) },
  );
  if (answer.grant.kind !== "granted") return answer;
  const token = answer.grant.headers[vaultTokenHeader];
  if (token === undefined) return answer;
  const { expiresAtMs: endsAtMs } = answer.grant;
  const value = new Secret(
    JSON.stringify({ token: token.reveal(), person: personIn(said), endsAtMs } satisfies z.infer<
      typeof loginSchema
    >),
  );
  const release = (): Promise<void> => revoke(given, token, query, ports);
  if (life !== ports.keeper?.life(query.session.id)) {
    // Signed out meanwhile: nobody would revoke it later.
    await release().catch(() => undefined);
    return { ...answer, grant: { kind: "signedOut", cause: "never" } };
  }
  ports.keeper?.put(query.session.id, keyOf(given), {
    ...{ value, release },
    expiresAtMs: (endsAtMs ?? Infinity) - marginMs,
  });
  return { ...answer, grant: { ...answer.grant, headers: { [vaultTokenHeader]: value } } };
};

const personIn = (body: unknown): z.infer<typeof personSchema> => {
  const parsed = z.object({ auth: personSchema }).safeParse(body);
  return parsed.success ? parsed.data.auth : {};
};

/** At the session's or the window's end, in a trace of its own: the question that the login served is long over. */
const revoke = async (
  given: HashicorpConfig,
  stepToken: Secret,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<void> => {
  const later = { ...query, trace: startTrace(), signal: new AbortController().signal };
  const options = { nodes: given.nodes ?? [] };
  await sendToVault(requestSchema.parse(revokeRequest(given)), { stepToken }, later, ports, options);
};

type Read = SourceResult & { readonly isDead: boolean };

const read = async (
  given: HashicorpConfig,
  kept: Secret,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<Read> => {
  const login = loginSchema.parse(JSON.parse(kept.reveal()));
  const filled = pathFor(given.path, login.person);
  if ("missing" in filled) {
    const problem = "The login at Vault names no {0} of yours, which the entry's path holds.";
    const grant = misconfigured(query.connector, problem, filled.missing);
    return { grant, answeredBy: "Lanyard", isDead: false };
  }
  const stepToken = new Secret(login.token);
  let said: unknown;
  const declared = readDeclaration(given, filled.path);
  const answer = await performDeclared(
    declared,
    {},
    query,
    ports,
    { stepToken },
    { see: (body) => (said = body) },
  );
  const isDead = answer.grant.kind === "denied" && (await isTokenDead(said, given, stepToken, query, ports));
  return { ...untilItsTokenEnds(given, answer, login.endsAtMs), isDead };
};

/** What has a lease is revoked with the token that read it. */
const untilItsTokenEnds = (
  { engine, expiresIn }: HashicorpConfig,
  answer: SourceResult,
  endsAtMs: number | undefined,
): SourceResult => {
  const { grant } = answer;
  if (engine !== "read" || expiresIn !== undefined || endsAtMs === undefined) return answer;
  if (grant.kind !== "granted" || grant.expiresAtMs === undefined) return answer;
  return { ...answer, grant: { ...grant, expiresAtMs: Math.min(grant.expiresAtMs, endsAtMs) } };
};

/** A policy's 403 says nothing against the token, which the other connectors share. Where the words do not tell, Vault is asked. */
const isTokenDead = async (
  said: unknown,
  given: HashicorpConfig,
  stepToken: Secret,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<boolean> => {
  const verdict = verdictOf(said);
  if (verdict !== "unclear") return verdict === "dead";
  const asked = await sendToVault(
    requestSchema.parse(lookUpSelfRequest(given)),
    { stepToken },
    query,
    ports,
    { nodes: given.nodes ?? [] },
  );
  return asked.kind === "reply" && asked.reply.status === 403;
};

/**
 * HashiCorp Vault: a login with the user's token, then the secret. A Vault token that is dead (somebody revoked it, its
 * uses are up) is replaced by another login before the refusal counts.
 */
export const hashicorpVault: SourceRow<typeof hashicorpConfigSchema> = codedSource({
  config: hashicorpConfigSchema,
  query: async (given, query, ports) => {
    const life = ports.keeper?.life(query.session.id);
    for (let logins = 0; ; logins += 1) {
      const login = await loggedIn(given, query, ports);
      if (!(login instanceof Secret)) return login;
      const { isDead, ...answer } = await read(given, login, query, ports);
      if (!isDead || life !== ports.keeper?.life(query.session.id)) return answer;
      ports.keeper?.drop(query.session.id, keyOf(given), login);
      if (logins + 1 === mostLogins)
        return { ...answer, grant: misconfigured(query.connector, shortLived, answer.answeredBy) };
    }
  },
  destinations: ({ address, nodes = [] }) => [address, ...nodes],
});

const shortLived =
  "{0} ends the Vault tokens that it has just made. Set token_num_uses of the role to 0, and its token_ttl to some minutes.";
