import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { buildFacade } from "../build.ts";
import { configured, type Instance } from "./support/instance.ts";
import { over, wordsOf } from "./support/connectWorld.ts";
import { endPrograms } from "./support/program.ts";
import { hasRedis, startRedis, type Redis } from "./support/redis.ts";
import { startIdp, type StandIn } from "./support/standIn.ts";
import { claims, facadeUrl, seconds, sign } from "./support/world.ts";

/** Connect pages of two instances as processes over a real store, with a load balancer that sends a browser to either. */
let folder: string;
let redis: Redis;
let idp: StandIn;
let a: Instance;
let b: Instance;

const drive = "https://drive.example.com";
const connectBody = z.looseObject({ state: z.string(), redirect_uri: z.string() });
/** What Auth0 was asked last to begin. */
let begun: z.output<typeof connectBody> | undefined;
let completed = 0;
/** Of the sign-in that is under way. */
let nonce: string | null = null;

beforeAll(async () => {
  if (!hasRedis) return;
  folder = await mkdtemp(join(tmpdir(), "lanyard-connect-"));
  const bundle = join(folder, "lanyard-facade.mjs");
  [redis, idp] = await Promise.all([startRedis(), startIdp(), buildFacade(bundle)]);
  playAuth0();
  const auth0 = {
    ...{ adapter: "auth0-token-vault", domain: idp.issuer, clientId: "lanyard-facade" },
    clientSecret: { variable: "FACADE_SECRET" },
  };
  const over = {
    vaults: { auth0 },
    targets: { [drive]: { vault: "auth0", connector: "drive", ask: { connection: "google-oauth2" } } },
  };
  const options = { folder, bundle, issuer: idp.issuer, store: redis.url, over };
  [a, b] = await Promise.all([configured("a", options), configured("b", options)]);
  await Promise.all([a.start(), b.start()]);
});
afterAll(async () => {
  endPrograms();
  if (!hasRedis) return;
  await Promise.all([redis[Symbol.asyncDispose](), idp[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true, force: true });
});

const playAuth0 = (): void => {
  idp.vault = async () => {
    const idToken = { iss: idp.issuer, sub: "alice", aud: "lanyard-facade", iat: seconds(), nonce };
    return {
      status: 200,
      body: {
        ...{ access_token: "page-token", token_type: "Bearer" },
        id_token: await sign({ ...idToken, exp: seconds() + 60 }),
      },
    };
  };
  idp.other = (path, body) => {
    if (path === "/oauth/token")
      return { status: 401, body: { error: "federated_connection_refresh_token_not_found" } };
    if (path === "/me/v1/connected-accounts/connect") {
      begun = connectBody.parse(JSON.parse(body));
      return {
        status: 200,
        body: {
          ...{ connect_uri: `${idp.issuer}/connected-accounts/start`, connect_params: { ticket: "t-1" } },
          ...{ auth_session: "session-9", expires_in: 300 },
        },
      };
    }
    if (path !== "/me/v1/connected-accounts/complete") return undefined;
    completed += 1;
    return { status: 201, body: { id: "cac_1" } };
  };
};

/** Whichever instance a browser is sent to, the address that it sees is the facade's. */
const open = async (instance: Instance, url: string, cookie = ""): Promise<Response> => {
  const { pathname, search, origin } = new URL(url);
  expect(origin).toBe(facadeUrl);
  const headers = cookie === "" ? {} : { cookie };
  return fetch(`${instance.url}${pathname}${search}`, { headers, redirect: "manual" });
};
const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(";")[0] ?? "";

const pageFrom = async (instance: Instance): Promise<string> => {
  const body = new URLSearchParams({
    ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: "lanyard" },
    ...{ subject_token: await sign(claims({ iss: idp.issuer })), resource: drive },
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  });
  const reply = await fetch(`${instance.url}/token`, { method: "POST", body });
  return z.looseObject({ interaction_uri: z.string() }).parse(await reply.json()).interaction_uri;
};

/** Opens the page and signs in. @returns the address that the identity provider sends the browser to */
const signIn = async (
  instance: Instance,
  page: string,
): Promise<{ readonly redirect: string; readonly cookie: string }> => {
  const opened = await open(instance, page);
  const atIdp = new URL(opened.headers.get("location") ?? "");
  nonce = atIdp.searchParams.get("nonce");
  const query = new URLSearchParams({ code: "c", state: atIdp.searchParams.get("state") ?? "" });
  const redirect = `${atIdp.searchParams.get("redirect_uri") ?? ""}?${query.toString()}`;
  return { redirect, cookie: cookieOf(opened) };
};

test.skipIf(!hasRedis)(
  "what one instance has begun the other goes on with, and the first one ends",
  async () => {
    const page = await pageFrom(a);
    const { redirect, cookie } = await signIn(a, page);
    const sent = await open(b, redirect, cookie);
    expect([sent.status, sent.headers.get("location")]).toEqual([
      303,
      `${idp.issuer}/connected-accounts/start?ticket=t-1`,
    ]);
    // The ticket is used up at both, by its page and by the sign-in that it led to.
    for (const instance of [a, b]) {
      expect(await wordsOf(await open(instance, page))).toEqual(over);
      expect(await wordsOf(await open(instance, redirect, cookie))).toEqual(over);
    }
    const query = new URLSearchParams({ connect_code: "cc", state: begun?.state ?? "" });
    const back = `${begun?.redirect_uri ?? ""}?${query.toString()}`;
    expect(await wordsOf(await open(a, back, cookieOf(sent)))).toEqual([200, "Your account is connected"]);
    for (const instance of [a, b])
      expect(await wordsOf(await open(instance, back, cookieOf(sent)))).toEqual(over);
    expect(completed).toBe(1);
  },
);

test.skipIf(!hasRedis)("a ticket that comes to both at the same time is good at one of them", async () => {
  const { redirect, cookie } = await signIn(b, await pageFrom(b));
  const answers = await Promise.all([a, b, a, b].map((instance) => open(instance, redirect, cookie)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 410, 410, 410]);
});
