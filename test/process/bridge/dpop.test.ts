/** A bridge to a connector that takes tokens with a proof of their key alone (RFC 9449): one for each request, made in the window. */
import { exportJWK, generateKeyPair } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connector } from "../../../src/core/config/connector.ts";
import { querySource } from "../../../src/core/credentials/querySource.ts";
import { VaultProofs } from "../../../src/core/identity/proofs/vaultProofs.ts";
import { activeOf, type LiveRecord } from "../../../src/core/identity/sessions/records.ts";
import { SessionStore } from "../../../src/core/identity/sessions/sessionStore.ts";
import type { ActiveSession } from "../../../src/core/identity/session.ts";
import { Secret } from "../../../src/core/secret.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { BoundConnector, type AtDoor } from "../../support/dpop/loopback.ts";
import { memoryMemory, memorySecrets, recordingLog } from "../../support/ports.ts";
import { textIn } from "./client.ts";
import { useStage } from "./stage.ts";

const now = useStage();
const log = recordingLog();
const userToken = "user-token-canary";

let bound: BoundConnector;
let door: string;
let privateKey = "";
let load: (over?: Partial<Connector["userAuth"]>, helper?: Connector["helper"]) => void;
let signOut: () => Promise<void>;

/** A sign-in whose tokens are bound to a key, as it lies in secret storage. */
const signedIn = async (store: SessionStore): Promise<ActiveSession> => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  const { kty, crv, x, y, d = "" } = await exportJWK(pair.privateKey);
  privateKey = d;
  const record: LiveRecord = {
    ...{ version: 1, kind: "live", issuer: "https://idp.example.com", clientId: "lanyard" },
    ...{ subject: "alice", accountLabel: "alice@acme.example", scopes: ["openid"], signedInAtMs: 0 },
    accessToken: new Secret(userToken),
    proofKey: new Secret(JSON.stringify({ kty, crv, x, y, d })),
  };
  return activeOf(await store.write(record), record);
};

beforeEach(async () => {
  const { window, url } = now();
  bound = new BoundConnector(url);
  const listening = await bound.listen();
  door = listening.door;
  const secrets = memorySecrets();
  const store = new SessionStore({ secrets, memory: memoryMemory(), log });
  const proofs = new VaultProofs(store, systemClock);
  window.session = await signedIn(store);
  signOut = () => Promise.all([...secrets.entries.keys()].map((key) => secrets.delete(key))).then(() => {});
  const ports = {
    ...{ clock: systemClock, fetch: globalThis.fetch, log },
    signRequest: ({ session }: { readonly session: ActiveSession }, token?: Secret) =>
      session.senderConstrained === true ? proofs.signer(session, token) : undefined,
  };
  window.answer = async (query) => (await querySource(query, ports)).grant;
  load = (over = {}, helper = { kind: "bridge" }) =>
    window.load({
      ...{ url: door, helper, userAuth: { ...window.userAuth, ...over } },
      credential: { source: "token-exchange", endpoint: listening.token },
    });
  load();
});
afterEach(() => bound.close());

const calls = (): readonly AtDoor[] => bound.atDoor.filter(({ rpc }) => rpc === "tools/call");
const verdicts = (): readonly string[] => calls().map(({ verdict }) => verdict);

describe("a connector that wants a proof with each request", () => {
  test("lets in every request of a bridge, whose one grant serves them all, and never sees a key", async () => {
    const { streaming, connector, window } = now();
    load({ reuseSeconds: 60 });
    const client = await streaming();
    for (const text of ["a", "b", "¿c? 世界"]) expect(textIn(await client.call("echo", { text }))).toBe(text);
    await client.end();
    await vi.waitFor(() => expect(connector.seen.some(({ http }) => http === "DELETE")).toBe(true), 5000);
    expect(new Set(bound.atDoor.map(({ verdict }) => verdict))).toEqual(new Set(["ok"]));
    expect(new Set(bound.atDoor.map(({ method }) => method))).toEqual(new Set(["POST", "GET", "DELETE"]));
    expect(new Set(bound.atDoor.map(({ proof }) => proof)).size).toBe(bound.atDoor.length);
    expect(new Set(bound.atDoor.map(({ authorization }) => authorization)).size).toBe(1);
    expect(window.asked).toBe(1);
    const seen = JSON.stringify([client.lines, client.stderr, connector.seen, bound.atDoor]);
    for (const secret of [privateKey, userToken]) expect(seen).not.toContain(secret);
  });

  test("refuses what it was sent once, and the same proof for anything else", async () => {
    const client = await now().begun();
    await client.call("echo");
    const { authorization = "", proof: dpop = "" } = calls()[0] ?? {};
    const again = (more: object = {}): Promise<number> =>
      fetch(door, { method: "POST", body: "{}", headers: { authorization, dpop, ...more } }).then(
        ({ status }) => status,
      );
    expect(await again()).toBe(401);
    const last = (): unknown => bound.atDoor.findLast(({ proof }) => proof === dpop)?.verdict;
    expect(last()).toBe("replayed");
    expect(await again({ dpop: "" })).toBe(401);
    expect(await fetch(door, { headers: { authorization, dpop } }).then(({ status }) => status)).toBe(401);
    expect(last()).toBe("invalid_token");
  });

  test("gets its nonce on one more try, and from the next request on at once", async () => {
    bound.nonce = "n-1";
    const client = await now().begun();
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    expect(bound.atDoor.slice(0, 2).map(({ rpc, verdict }) => [rpc, verdict])).toEqual([
      ["initialize", "use_dpop_nonce"],
      ["initialize", "ok"],
    ]);
    expect(verdicts()).toEqual(["ok"]);
    bound.nonce = "n-2";
    expect(textIn(await client.call("echo", { text: "y" }))).toBe("y");
    expect(verdicts()).toEqual(["ok", "use_dpop_nonce", "ok"]);
    expect(now().window.asked).toBe(1);
  });

  test("may tell the next nonce with any answer, and another bridge knows it from the window", async () => {
    bound.nonce = "n-1";
    bound.tellsAlways = true;
    const client = await now().begun();
    await client.call("echo");
    const before = bound.atDoor.length;
    const other = await now().begun();
    expect(textIn(await other.call("echo", { text: "z" }))).toBe("z");
    const later = bound.atDoor.slice(before);
    expect(later.map(({ verdict }) => verdict)).not.toContain("use_dpop_nonce");
    expect(new Set(later.map(({ nonce }) => nonce))).toEqual(new Set(["n-1"]));
  });

  test("that refuses the token itself has the vault asked anew, and the request repeated once", async () => {
    const client = await now().begun();
    bound.isShut = true;
    bound.nonce = "n-1";
    const asked = now().window.asked;
    expect((await client.call("echo")).error?.message).toMatch(
      /refused the credential, and a new one as well/,
    );
    expect(verdicts()).toEqual(["use_dpop_nonce", "invalid_token", "invalid_token"]);
    expect(now().window.asked).toBeGreaterThan(asked);
  });

  test("gets nothing more once the key is gone, whatever was granted a moment ago", async () => {
    const client = await now().begun();
    await client.call("echo");
    await signOut();
    expect(textIn(await client.call("echo"))).toMatch(/no credential/);
    expect(verdicts()).toEqual(["ok"]);
  });
});

test("who takes headers away is told that they would be of no use", async () => {
  load({}, { kind: "lanyard" });
  const client = await now().begun();
  expect(textIn(await client.call("echo"))).toMatch(/binds the credential to a key \(DPoP\).*bearer tokens/);
  expect(bound.atDoor).toEqual([]);
});

test("a sign-in without a key is given nothing that would want one", async () => {
  const { senderConstrained: _bound, ...bearer } = now().window.session;
  now().window.session = bearer;
  const client = await now().begun();
  await client.call("echo");
  expect(bound.atDoor).toEqual([]);
});
