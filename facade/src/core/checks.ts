import { forLog } from "../../../src/core/errors.ts";
import { boundedFetch } from "../../../src/core/http.ts";
import type { FacadeConfig } from "./config/schema.ts";
import { pageAddresses } from "./connect/flow.ts";
import type { FacadePorts } from "./facade.ts";
import type { SecretPlace } from "./config/parts.ts";
import { askSignals } from "./signalPoll.ts";
import { targetsOf } from "./targets.ts";
import { metadataOf, type IdpMetadata } from "./subject/metadata.ts";
import { vaultChecks, type FacadeCheck } from "./vaultChecks.ts";
import { clientForm, wireOver, type Wire } from "./wire.ts";

type CheckPorts = Pick<FacadePorts, "fetch" | "clock" | "secret">;

const ok = (text: string): FacadeCheck => ({ ok: true, text });
const fail = (text: string): FacadeCheck => ({ ok: false, text });

/** Asks the identity provider, the transmitter of events and the vaults what can be asked without a person. */
export async function* checkFacade(config: FacadeConfig, ports: CheckPorts): AsyncGenerator<FacadeCheck> {
  const wire = wireOver(ports.fetch, ports.clock);
  const idp = config.identityProvider;
  const metadata = await metadataOf(idp.issuer, { wire, ...ports })();
  if (metadata === undefined) {
    yield fail(
      `identityProvider.issuer: no metadata of ${idp.issuer} can be read. Spell it as the metadata does.`,
    );
    return;
  }
  yield ok(`identityProvider.issuer: metadata of ${idp.issuer}`);
  const keys = await wire({ method: "GET", url: metadata.jwks_uri });
  yield keys.kind === "reply" && Array.isArray(keys.body["keys"])
    ? ok("identityProvider: keys")
    : fail("identityProvider: the keys at its jwks_uri cannot be read.");
  yield* secretChecks(config, ports);
  yield* guessChecks(config, ports);
  yield await clientCheck(config, metadata, wire, ports);
  yield* vaultChecks(config, metadata, wire, ports);
  yield* pushChecks(config, metadata);
  if (config.sharedSignals?.poll !== undefined) yield await signalsCheck(config, ports);
  yield* connectChecks(config, metadata);
}

/** What the pages for connecting an account need; whether the addresses are registered nobody but a person can try. */
function* connectChecks(config: FacadeConfig, metadata: IdpMetadata): Generator<FacadeCheck> {
  const find = targetsOf(config);
  const vaults = new Map(
    Object.keys(config.targets).map((name) => [find(name)?.vault ?? "", find(name)?.connect]),
  );
  for (const [name, steps] of vaults) {
    if (steps === undefined) continue;
    const { signedIn, done } = pageAddresses(config);
    yield metadata.authorization_endpoint === undefined
      ? fail(
          `vaults.${name}: the identity provider has no page to sign in at, so nobody can connect an account.`,
        )
      : ok(
          `vaults.${name}: people sign in by ${config.identityProvider.clientId}, whose redirect has to be ${signedIn}`,
        );
    if (steps.finish !== undefined) yield ok(`vaults.${name}: its own page has to lead back to ${done}`);
  }
}

/** Asks for no event at all (RFC 8936, section 2.2), so that none is lost. */
const signalsCheck = async (config: FacadeConfig, ports: CheckPorts): Promise<FacadeCheck> => {
  const place = "sharedSignals.poll";
  const fetch = boundedFetch(ports.fetch, ports.clock);
  const question = { maxEvents: 0, returnImmediately: true };
  try {
    const { ok: isWell, status } = await askSignals({ config, secret: ports.secret }, question, fetch);
    return isWell
      ? ok(`${place}: the transmitter answers`)
      : fail(`${place}: the transmitter answers ${status}.`);
  } catch (error) {
    return fail(`${place}: ${forLog(error)}`);
  }
};

/** Whether every secret is where the configuration says, whatever adapter wants it. */
async function* secretChecks(config: FacadeConfig, { secret }: CheckPorts): AsyncGenerator<FacadeCheck> {
  for (const [place, where] of placesIn(config, "facade.json")) {
    const found = await secret(place).then(
      () => true,
      () => false,
    );
    const name = "file" in place ? `the file ${place.file}` : `the variable ${place.variable}`;
    yield found ? ok(`${where}: ${name}`) : fail(`${where}: ${name} holds no secret.`);
  }
}

const shortestSecret = 24;

/** Tickets are sealed by the client's secret, and whoever has one could try which it is. */
async function* guessChecks(config: FacadeConfig, { secret }: CheckPorts): AsyncGenerator<FacadeCheck> {
  const find = targetsOf(config);
  const hasPages = Object.keys(config.targets).some((name) => find(name)?.connect !== undefined);
  const held = await secret(config.identityProvider.clientSecret).catch(() => undefined);
  if (hasPages && held !== undefined && held.reveal().length < shortestSecret)
    yield fail(
      `identityProvider.clientSecret: it can be guessed. Take a random one of at least ${shortestSecret} characters.`,
    );
}

function* placesIn(value: unknown, where: string): Generator<readonly [SecretPlace, string]> {
  if (typeof value !== "object" || value === null) return;
  const names = Object.keys(value);
  if (names.length === 1 && "file" in value && typeof value.file === "string")
    yield [{ file: value.file }, where];
  else if (names.length === 1 && "variable" in value && typeof value.variable === "string")
    yield [{ variable: value.variable }, where];
  else
    for (const [name, part] of Object.entries(value))
      yield* placesIn(
        part,
        `${where.replace("facade.json", "")}${where === "facade.json" ? "" : "."}${name}`,
      );
}

/** That the identity provider knows the facade's client: a garbage token is inactive, not refused. */
const clientCheck = async (
  { identityProvider: idp }: FacadeConfig,
  metadata: IdpMetadata,
  wire: Wire,
  { secret }: CheckPorts,
): Promise<FacadeCheck> => {
  if (idp.liveness === "none")
    return ok(
      "identityProvider.liveness: nobody is asked, so a session that has ended lives on in its token",
    );
  if (idp.liveness === "userinfo")
    return metadata.userinfo_endpoint === undefined
      ? fail('identityProvider.liveness: there is no userinfo endpoint. Write "introspection".')
      : ok("identityProvider.liveness: userinfo endpoint");
  const url = metadata.introspection_endpoint;
  if (url === undefined)
    return fail('identityProvider.liveness: there is no introspection endpoint. Write "userinfo".');
  const held = await secret(idp.clientSecret).catch(() => undefined);
  if (held === undefined) return fail("identityProvider.clientSecret: without it nothing can be asked.");
  const result = await wire(clientForm(url, idp, held, { token: "not-a-token" }));
  return result.kind === "reply" && result.status === 200 && result.body["active"] === false
    ? ok(`identityProvider.clientId: ${idp.clientId} may ask whether a session lives`)
    : fail(
        `identityProvider.clientId: the identity provider does not take ${idp.clientId} with this secret.`,
      );
};

function* pushChecks({ targets }: FacadeConfig, metadata: IdpMetadata): Generator<FacadeCheck> {
  for (const [name, { policy }] of Object.entries(targets)) {
    if (policy.push === undefined) continue;
    yield metadata.backchannel_authentication_endpoint === undefined
      ? fail(`targets.${JSON.stringify(name)}.policy.push: the identity provider offers no CIBA.`)
      : ok(`targets.${JSON.stringify(name)}.policy.push: CIBA`);
  }
}
