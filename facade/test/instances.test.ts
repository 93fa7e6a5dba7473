import { decodeJwt } from "jose";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { buildFacade } from "../build.ts";
import { configured, type Instance } from "./support/instance.ts";
import { endPrograms } from "./support/program.ts";
import { hasRedis, startRedis, type Redis } from "./support/redis.ts";
import { startIdp, type StandIn } from "./support/standIn.ts";
import { claims, crm, facadeUrl, forge, seconds, sign } from "./support/world.ts";

/** Two instances as processes over a real store, either of which is killed while people ask. */
let folder: string;
let bundle: string;
let redis: Redis;
let idp: StandIn;

beforeAll(async () => {
  if (!hasRedis) return;
  folder = await mkdtemp(join(tmpdir(), "lanyard-facades-"));
  bundle = join(folder, "lanyard-facade.mjs");
  [redis, idp] = await Promise.all([startRedis(), startIdp(), buildFacade(bundle)]);
  // Whose it is stands in what the vault gives.
  idp.vault = (form) => {
    const { sub } = decodeJwt(form.get("subject_token") ?? "");
    return { status: 200, body: { access_token: `of ${String(sub)}`, token_type: "Bearer" } };
  };
});
afterAll(async () => {
  endPrograms();
  if (!hasRedis) return;
  await Promise.all([redis[Symbol.asyncDispose](), idp[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true, force: true });
});

const configuredOne = (name: string): Promise<Instance> =>
  configured(name, {
    ...{ folder, bundle, issuer: idp.issuer, store: redis.url },
    over: {
      vaults: {
        sts: {
          ...{ adapter: "oauth", endpoint: `${idp.issuer}/token` },
          ...{ clientId: "us", clientSecret: { variable: "FACADE_SECRET" } },
        },
      },
      targets: { [crm]: { vault: "sts" } },
    },
  });

/** As a client behind a load balancer: one instance, or the other where that is not there. */
const answered = async (instances: readonly Instance[], path: string, form: object): Promise<Response> => {
  const body = new URLSearchParams(Object.entries(form));
  for (let attempt = 0; ; attempt += 1) {
    const at = instances[attempt % instances.length];
    const init = { method: "POST", body, signal: AbortSignal.timeout(30_000) };
    const reply = await fetch(`${at?.url ?? ""}${path}`, init).catch((error: unknown) => {
      if (attempt >= 9 || (error instanceof Error && error.name === "TimeoutError")) throw error;
    });
    if (reply !== undefined && reply.status !== 503) return reply;
  }
};

const ask = async (instances: readonly Instance[], token: string): Promise<string> => {
  const reply = await answered(instances, "/token", {
    ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: "lanyard" },
    ...{ subject_token: token, resource: crm },
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  });
  const body = z.record(z.string(), z.unknown()).parse(await reply.json());
  return String(body["access_token"] ?? body["error"]);
};

/** Of three of them a person is signed in, one has been signed out at the facade alone, one is nobody's. */
const expectations = async (): Promise<readonly (readonly [string, string])[]> => {
  const of = (person: number): Promise<string> =>
    sign(claims({ iss: idp.issuer, sub: `person-${person}`, sid: `session-${person}` }));
  const rows: (readonly [string, string])[] = [];
  for (let person = 0; person < 20; person += 1) {
    rows.push([await of(person), person % 4 === 3 ? "invalid_request" : `of person-${person}`]);
    if (person % 4 === 0)
      rows.push([await forge(claims({ iss: idp.issuer, sub: `person-${person}` })), "invalid_request"]);
  }
  return rows;
};

test.skipIf(!hasRedis)(
  "either of two instances is killed during 1,000 questions: none is answered wrongly, none hangs",
  { timeout: 240_000 },
  async () => {
    const instances = [await configuredOne("one"), await configuredOne("other")] as const;
    await Promise.all(instances.map((each) => each.start()));
    const rows = await expectations();
    for (let person = 3; person < 20; person += 4) {
      const payload = {
        ...{ iss: idp.issuer, aud: "lanyard", sub: `person-${person}`, sid: `session-${person}` },
        ...{ jti: `logout-${person}`, iat: seconds(), exp: seconds() + 120 },
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      };
      const logout_token = await sign(payload, { typ: "logout+jwt" });
      expect((await answered(instances, "/backchannel-logout", { logout_token })).status).toBe(200);
    }
    const wrong: unknown[] = [];
    let next = 0;
    const people = Array.from({ length: 16 }, async () => {
      for (let at = next++; at < 1000; at = next++) {
        const row = rows[at % rows.length];
        if (row === undefined) throw new Error("There is no row.");
        const found = await ask(at % 2 === 0 ? instances : instances.toReversed(), row[0]);
        if (found !== row[1]) wrong.push([at, found, row[1]]);
      }
    });
    const killed = (async (): Promise<void> => {
      for (const [turn, instance] of instances.entries()) {
        await expect.poll(() => next, { timeout: 120_000, interval: 5 }).toBeGreaterThan(200 + turn * 400);
        await instance.kill();
        await instance.start();
      }
    })();
    await Promise.all([...people, killed]);
    expect([next >= 1000, wrong]).toEqual([true, []]);
    // Another facade at the same server does not take its people for these.
    const keys = JSON.stringify(`lanyard-facade:${JSON.stringify([facadeUrl, idp.issuer])}:log`);
    expect(await redis.dump()).toContain(keys.slice(0, -1));
  },
);
