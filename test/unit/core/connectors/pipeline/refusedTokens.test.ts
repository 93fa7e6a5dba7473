import { describe, expect, it } from "vitest";
import { Board } from "../../../../../src/core/connectors/board/board.ts";
import { Pipeline } from "../../../../../src/core/connectors/pipeline/pipeline.ts";
import { Recheck } from "../../../../../src/core/connectors/pipeline/recheck.ts";
import { SessionFollower } from "../../../../../src/core/connectors/pipeline/sessionFollower.ts";
import { WaitRegistry } from "../../../../../src/core/connectors/wait/waitRegistry.ts";
import { queryConfigured } from "../../../../../src/core/credentials/querySource.ts";
import { SessionCache } from "../../../../../src/core/credentials/sessionCache.ts";
import { credentialConfigSchema } from "../../../../../src/core/credentials/sources.ts";
import { createIdentityService } from "../../../../../src/core/identity/service.ts";
import { Watch } from "../../../../../src/core/identity/offboarding/watch.ts";
import { catalogueOf, connectorNamed } from "../../../../support/connectors.ts";
import { fakeIdp, signInAtFake, type Quirks } from "../../../../support/fakeIdp.ts";
import { fakeClock, memoryMemory, memorySecrets, recordingLog } from "../../../../support/ports.ts";

type Reply = () => Response;

/** One window at an identity provider that is content, and at vaults that are not. */
const openWindow = async (
  connectors: number,
  credential: (n: number) => object,
  reply: Reply,
  quirks: Quirks = {},
) => {
  const clock = fakeClock(Date.now());
  const log = recordingLog();
  const idp = fakeIdp(clock, { accessTokenSeconds: 3600, ...quirks });
  const vault = { asked: 0, reply };
  const fetch: typeof idp.fetch = async (url, init) => {
    if (new URL(url).host === "idp.example.com") return idp.fetch(url, init);
    vault.asked += 1;
    return vault.reply();
  };
  const ports = { clock, log, fetch };
  const identity = createIdentityService(
    { ...ports, secrets: memorySecrets(), memory: memoryMemory() },
    { storageDelayMs: 0 },
  );
  const board = new Board();
  const pipeline = new Pipeline({
    ...{ ...ports, board, sessions: identity, keeper: new SessionCache() },
    querySource: (ask, sourcePorts) => queryConfigured(ask.connector.credential, ask, sourcePorts),
    findScript: (folder, path) => Promise.resolve({ kind: "inside", path: `${folder}/${path}` }),
    runScript: () => Promise.resolve({ exitCode: "notStarted", stdout: "", stderr: "" }),
  });
  const waits = new WaitRegistry({ pipeline, clock });
  const follower = new SessionFollower({ board, waits, identity, clock, show: () => undefined });
  const recheck = new Recheck({ board, pipeline, clock, random: () => 0 });
  const watch = new Watch({
    ...{ identity, clock, log, random: () => 0.5, intervalMs: () => 30_000 },
    isFocused: () => true,
    isLeader: () => true,
    isAllowed: () => true,
  });
  const rows = Array.from({ length: connectors }, (_, n) =>
    connectorNamed(`crm${n}`, { credential: credentialConfigSchema.parse(credential(n)) }),
  );
  board.load(catalogueOf(rows), () => "approved");
  const signedIn = await signInAtFake(identity, idp);
  expect(signedIn.kind).toBe("signedIn");
  const kinds = (): readonly string[] => board.entries().map(({ status }) => status.kind);
  /** What waits for a thread of its own (a digest) is given real time. */
  const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  const pass = async (ms: number): Promise<void> => {
    const stepMs = Math.min(5_000, Math.max(500, ms / 100));
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left));
      await breathe();
      await breathe();
      for (let turns = 0; turns < 300 && kinds().includes("checking"); turns += 1) await breathe();
    }
  };
  const dispose = (): void => {
    for (const owned of [recheck, watch, follower, waits, identity]) owned.dispose();
  };
  return { clock, idp, vault, board, pipeline, waits, follower, identity, pass, kinds, dispose };
};

const lookup = (n: number): object => ({
  source: "vault-lookup",
  url: `https://vault.example.com/v1/crm${n}`,
});
const exchange = (): object => ({ source: "token-exchange", endpoint: "https://vault.example.com/exchange" });
const says = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => {
  return () => new Response(JSON.stringify(body), { status, headers });
};

/** Every kind of refusal that blames the sign-in's token. */
const refusals: Readonly<
  Record<string, { readonly credential: (n: number) => object; readonly reply: Reply }>
> = {
  "401, without a word": { credential: lookup, reply: says(401, {}) },
  "401 invalid_token": {
    credential: lookup,
    reply: says(
      401,
      {},
      { "www-authenticate": 'Bearer error="invalid_token", error_description="audience"' },
    ),
  },
  "401 of another scheme": { credential: lookup, reply: says(401, {}, { "www-authenticate": "DPoP" }) },
  "400 invalid_request": {
    credential: exchange,
    reply: says(400, {
      error: "invalid_request",
      error_description: "Standard token exchange is not enabled",
    }),
  },
  "400 invalid_grant": { credential: exchange, reply: says(400, { error: "invalid_grant" }) },
  "a vault's login": {
    credential: () => ({
      ...{ source: "hashicorp-vault", address: "https://vault.example.com", role: "dev" },
      ...{ engine: "kv", path: "crm" },
    }),
    reply: says(400, { errors: ["error validating token: invalid audience (aud) claim"] }),
  },
  "stored tokens": {
    credential: () => ({ source: "keycloak", alias: "github", realm: "https://vault.example.com/realms/a" }),
    reply: says(400, { errorMessage: "Invalid token." }),
  },
};

const minute = 60_000;

describe.each(Object.entries(refusals))("a source that answers a live sign-in with %s", (name, refusal) => {
  it.each(name === "401, without a word" ? [1, 2, 3, 4, 5, 6, 7, 8] : [2, 8])(
    "is asked ever less often, and costs %i connectors few renewals",
    async (count) => {
      const window = await openWindow(count, refusal.credential, refusal.reply);
      await window.pass(15_000);
      expect(window.idp.renewals()).toBeLessThanOrEqual(1);
      expect(window.vault.asked).toBeLessThanOrEqual(count * 12);
      await window.pass(10 * minute);
      expect(window.idp.renewals()).toBeLessThanOrEqual(6);
      expect(window.vault.asked).toBeLessThanOrEqual(count * 36);
      expect(
        window.board
          .entries()
          .map(({ status }) => status)
          .filter((s) => s.kind !== "misconfigured"),
      ).toEqual([]);
      expect(await window.identity.list()).toHaveLength(1);
      window.dispose();
    },
  );

  it("costs no renewal for each who asks", async () => {
    const window = await openWindow(2, refusal.credential, refusal.reply);
    await window.pass(1_000);
    for (let n = 0; n < 20; n += 1) {
      for (const { connector } of window.board.entries()) {
        await window.pipeline.obtain(connector.id, {
          requester: "helper",
          signal: new AbortController().signal,
        });
      }
      await window.follower.checkAll();
    }
    expect(window.idp.renewals()).toBeLessThanOrEqual(1);
    window.dispose();
  });
});

describe("a source that wants another sign-in of a live session", () => {
  it.each(["login_required", "interaction_required"])(
    "by %s is answered by Step Up, not by renewals",
    async (error) => {
      const window = await openWindow(4, exchange, says(400, { error }));
      await window.pass(10 * minute);
      expect(window.kinds()).toEqual(["stepUp", "stepUp", "stepUp", "stepUp"]);
      expect(window.idp.renewals()).toBeLessThanOrEqual(1);
      expect(await window.identity.list()).toHaveLength(1);
      window.dispose();
    },
  );
});

describe("a source that refused a live sign-in", () => {
  const granted = says(200, { access_token: "abc", expires_in: 3600 });

  it("is told in its own words, and nobody is told to sign in", async () => {
    const { reply } = refusals["401 invalid_token"] ?? { reply: granted };
    const window = await openWindow(1, lookup, reply);
    await window.pass(1_000);
    const status = window.board.entries()[0]?.status;
    expect(status).toMatchObject({
      kind: "misconfigured",
      issues: [{ args: ["vault.example.com", "idp.example.com", "audience"] }],
    });
    window.dispose();
  });

  it("heals all its rows when it heals", async () => {
    const window = await openWindow(4, lookup, says(401, {}));
    await window.pass(10 * minute);
    window.vault.reply = granted;
    await window.pass(5 * minute + 1_000);
    expect(window.kinds()).toEqual(["granted", "granted", "granted", "granted"]);
    window.dispose();
  });

  it("heals the others at once when one is asked", async () => {
    const window = await openWindow(4, lookup, says(401, {}));
    await window.pass(10 * minute);
    window.vault.reply = granted;
    const [first] = window.board.entries();
    await window.waits.check(first?.connector.id ?? "", new AbortController().signal);
    await window.pass(1_000);
    expect(window.kinds()).toEqual(["granted", "granted", "granted", "granted"]);
    window.dispose();
  });

  it("is asked anew when the person has signed in anew", async () => {
    const window = await openWindow(2, lookup, says(401, {}));
    await window.pass(10 * minute);
    window.vault.reply = granted;
    window.clock.advance(1);
    await signInAtFake(window.identity, window.idp);
    await window.pass(1_000);
    expect(window.kinds()).toEqual(["granted", "granted"]);
    window.dispose();
  });

  it("signs out when the identity provider has ended the session", async () => {
    const window = await openWindow(2, lookup, says(401, {}));
    await window.pass(1_000);
    window.idp.end();
    await window.pass(31_000);
    expect(window.kinds()).toEqual(["signedOut", "signedOut"]);
    window.dispose();
  });
});
