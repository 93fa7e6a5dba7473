import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from "jose";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { adapters } from "../../facade/src/adapters/registry.ts";
import type { FacadeAnswer } from "../../facade/src/core/answer.ts";
import { wireOver } from "../../facade/src/core/wire.ts";
import { installOktaClient, type PypiInstallation } from "../../scripts/idps/pypiInstall.ts";
import { run } from "../../scripts/support/processes.ts";
import { Secret } from "../../src/core/secret.ts";
import { systemClock } from "../../src/node/clock.ts";
import { useStandIn, type Seen } from "./support/vendorStandIn.ts";

const [clientId, resource, subjectToken] = ["agent-1", "orn:okta:idp:acme:github", "id-token-of-alice"];

/** Okta's own client and the adapter send one stand-in the same. The client knows RFC 8693 and the vault's name of a token not yet. */
describe("Okta's client", () => {
  const { standIn } = useStandIn();
  let okta: PypiInstallation;
  let key: JWK;
  beforeAll(async () => {
    okta = await installOktaClient();
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    key = { ...(await exportJWK(privateKey)), kid: "agent-key", alg: "RS256" };
  });

  const answering = (status: number, body: object): void => {
    const metadata = {
      ...{ issuer: standIn.url, token_endpoint: `${standIn.url}/oauth2/v1/token` },
      ...{ jwks_uri: `${standIn.url}/oauth2/v1/keys`, response_types_supported: ["code"] },
      ...{
        authorization_endpoint: `${standIn.url}/oauth2/v1/authorize`,
        subject_types_supported: ["public"],
      },
      grant_types_supported: ["urn:ietf:params:oauth:grant-type:token-exchange"],
    };
    standIn.answer = (path) =>
      path.includes("well-known") ? { status: 200, body: metadata } : { status, body };
  };
  const theirs = async (): Promise<unknown> => {
    const asked = JSON.stringify({ issuer: standIn.url, clientId, key, resource, subjectToken });
    const script = join(import.meta.dirname, "support/okta_exchange.py");
    return JSON.parse(await run(join(okta.bin, "python"), [script, asked]));
  };
  const ours = (): Promise<FacadeAnswer> =>
    adapters["okta-sts"].asker(
      { adapter: "okta-sts", org: standIn.url, clientId, clientKey: { variable: "X" } },
      { resource },
    )({
      ...{ idp: { issuer: standIn.url, clientId: "us", clientSecret: { variable: "X" } } },
      secret: () => Promise.resolve(new Secret(JSON.stringify(key))),
      wire: wireOver((url, init) => fetch(url, init), systemClock),
      ...{ returnTo: "https://vault.example.com", page: () => Promise.resolve("https://vault.example.com") },
      tokenEndpoint: () => Promise.resolve(undefined),
      person: {
        ...{
          subject: "alice",
          sessionId: undefined,
          token: new Secret(subjectToken),
          claims: { sub: "alice" },
        },
        ...{ tokenKind: "id_token", issuedAtSeconds: 0, expiresAtSeconds: 1e10, keyThumbprint: undefined },
      },
    });
  /** What reached the token endpoint, of the client's assertion what does not differ from one to the next. */
  const essenceOf = (all: readonly Seen[]): unknown => {
    const [asked] = all.filter(({ method }) => method === "POST");
    const form = Object.fromEntries(new URLSearchParams(asked?.body ?? ""));
    const { client_assertion: assertion = "", ...rest } = form;
    const { iss, sub, aud, jti, exp } = decodeJwt(assertion);
    const { alg, kid } = decodeProtectedHeader(assertion);
    return {
      ...{ method: asked?.method, path: asked?.path, authorization: asked?.authorization, form: rest },
      assertion: { iss, sub, aud, alg, kid, isOnce: jti !== undefined, ends: exp !== undefined },
    };
  };

  test("asks as the adapter does, and gets the token", async () => {
    answering(200, {
      ...{ access_token: "t", token_type: "Bearer", expires_in: 300 },
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    let [got, answer]: [unknown, FacadeAnswer | undefined] = [undefined, undefined];
    const sent = essenceOf(await standIn.sentBy(async () => (got = await theirs())));
    const sentByUs = essenceOf(await standIn.sentBy(async () => (answer = await ours())));
    expect(sentByUs).toEqual(sent);
    expect(got).toEqual({ token: "t" });
    expect(answer).toMatchObject({ kind: "granted", token: "t" });
  });

  test("hands out the page where the person has to consent, as the adapter does", async () => {
    const interaction_uri = "https://acme.okta.com/oauth2/v1/sts/consent";
    answering(400, { error: "interaction_required", interaction_uri });
    expect(await theirs()).toMatchObject({ error: "interaction_required", interaction_uri });
    expect(await ours()).toMatchObject({ kind: "connect", url: interaction_uri });
  });
});
