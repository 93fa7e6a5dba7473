import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startAcme, type Acme } from "../../demo/demo.ts";
import { reasonFor } from "../../src/core/connectors/sentences.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import { createIdentityService } from "../../src/core/identity/service.ts";
import type { ActiveSession } from "../../src/core/identity/session.ts";
import { Secret } from "../../src/core/secret.ts";
import { english } from "../../src/core/text.ts";
import { startTrace } from "../../src/core/trace.ts";
import { systemClock } from "../../src/node/clock.ts";
import { signInAsAlice } from "../support/acmeWindow.ts";
import { askOnce } from "../support/asks.ts";
import { startSdkServer } from "../support/mcpServers/sdkServer.ts";
import { memoryMemory, memorySecrets, recordingLog } from "../support/ports.ts";
import { recipe, startOpenBao, type OpenBao } from "./support/openBao.ts";
import { keepAnswers, type Answered } from "./support/table.ts";

const installation = inject("openBao");

/** The recipe of the documentation, word for word, and then every answer that it leads to. */
describe.skipIf(installation === undefined)("OpenBao", () => {
  const stack = new AsyncDisposableStack();
  const answers: Answered[] = [];
  const keeper = new SessionCache();
  let bao: OpenBao;
  let acme: Acme;
  let session: ActiveSession;

  beforeAll(async () => {
    if (installation === undefined) throw new Error("OpenBao is not here.");
    bao = stack.use(await startOpenBao(installation));
    acme = await startAcme();
    stack.defer(() => acme.close());
    const identity = createIdentityService({
      ...{ clock: systemClock, log: recordingLog(), secrets: memorySecrets(), memory: memoryMemory(), fetch },
    });
    stack.defer(() => identity.dispose());
    await signInAsAlice(identity, acme);
    const need = { issuer: acme.idp, clientId: "lanyard", scopes: ["openid"] };
    const answer = await identity.fresh(need, { signal: new AbortController().signal });
    if (answer.kind !== "active") throw new Error(answer.kind);
    session = answer.session;
    for (const lines of await recipe()) {
      const own = lines
        .replaceAll("https://idp.example.com", acme.idp)
        .replaceAll("ALICES_SUB", session.subject)
        .replaceAll("token=…", "token=of-sentry");
      await bao.shell(own);
    }
  });
  afterAll(async () => {
    await keepAnswers(`OpenBao ${installation?.version ?? ""} as a vault`, answers);
    await stack.disposeAsync();
  });

  const entry = (): object => ({
    ...{ source: "hashicorp-vault", address: bao.address, role: "developer", login: "id_token" },
    path: "users/{entityId}/sentry",
  });

  const ask = async (
    row: string,
    credential: object = {},
    over: Partial<ActiveSession> = {},
    trace = startTrace(),
  ): Promise<Grant> => {
    let reply = "";
    const { grant } = await askOnce(
      { ...entry(), ...credential },
      {
        ...{ clock: systemClock, log: recordingLog(), keeper },
        fetch: async (url, init) => {
          const response = await fetch(url, init);
          const text = response.ok ? "" : await response.clone().text();
          reply = `${response.status} ${text.trim().replaceAll(/\s+/g, " ").slice(0, 120)}`.trim();
          return response;
        },
      },
      { session: { ...session, ...over }, trace },
    );
    answers.push({
      row,
      answer: reply,
      seen: `${grant.kind}: ${reasonFor(grant, english, Date.now()).reason}`,
    });
    return grant;
  };
  const headerOf = (grant: Grant): string =>
    grant.kind === "granted" ? (grant.headers["Authorization"]?.reveal() ?? "") : grant.kind;

  test("gives the secret that was put there for the person, and its audit log knows the trace", async () => {
    const trace = startTrace();
    expect(headerOf(await ask("the person's secret", {}, {}, trace))).toBe("Bearer of-sentry");
    const lines = (await bao.audit()).split("\n").filter((line) => line.includes(trace.traceId));
    expect(lines.some((line) => line.includes("auth/jwt/login"))).toBe(true);
    expect(lines.some((line) => line.includes("secret/data/users/"))).toBe(true);
  });

  test("makes a token of its own for a connector, by the engine read", async () => {
    const read = { engine: "read", path: "identity/oidc/token/sentry", expiresIn: "/data/ttl" };
    const grant = await ask("identity/oidc/token/ROLE", read);
    const issuer = `${bao.address}/v1/identity/oidc`;
    const checks = { issuer, jwksUri: `${issuer}/.well-known/keys`, audience: "sentry", scopes: [] };
    await using connector = await startSdkServer(checks);
    const asked = (authorization: string): Promise<number> =>
      fetch(connector.url, { method: "POST", headers: { authorization } }).then(async (response) => {
        await response.body?.cancel();
        return response.status;
      });
    // Let in, and then told that this is no message of the protocol.
    expect(await asked(headerOf(grant))).toBe(406);
    expect(await asked(`Bearer ${session.idToken?.reveal() ?? ""}`)).toBe(401);
    expect(grant).toMatchObject({ kind: "granted", expiresAtMs: expect.any(Number) as number });
  });

  const signedByNobody = (): Partial<ActiveSession> => {
    const [header = "", claims = ""] = (session.idToken?.reveal() ?? "").split(".");
    return { id: "forged", idToken: new Secret(`${header}.${claims}.${"A".repeat(86)}`) };
  };
  test.each([
    ["nothing stored there", { path: "users/{entityId}/nothing" }, {}, "misconfigured"],
    [
      "… with connectUrl",
      { path: "users/{entityId}/no", connectUrl: "https://v.example" },
      {},
      "needsConnection",
    ],
    ["another person's secret", { path: "users/somebody/sentry" }, {}, "denied"],
    ["another field", { field: "password" }, {}, "misconfigured"],
    ["no such engine", { mount: "nothing" }, {}, "denied"],
    ["another role", { role: "nobody" }, {}, "misconfigured"],
    ["another method", { authMount: "oidc" }, {}, "misconfigured"],
    ["an opaque token", { login: "access_token" }, { id: "opaque" }, "misconfigured"],
  ] as const)("%s", async (row, credential, over, kind) => {
    const grant = await ask(row, credential, over);
    expect(grant.kind).toBe(kind);
    expect(JSON.stringify(grant)).not.toContain("error occurred");
  });

  test("a token that is badly signed", async () => {
    expect((await ask("a token that is badly signed", {}, signedByNobody())).kind).toBe("signedOut");
  });

  test("a role for another audience", async () => {
    await bao.shell(
      "vault write auth/jwt/role/other role_type=jwt user_claim=sub bound_audiences=other token_policies=own-secrets",
    );
    expect(await ask("a role for another audience", { role: "other" })).toMatchObject({
      kind: "misconfigured",
    });
  });

  test("a login that was revoked is made anew, and ends with the session", async () => {
    await bao.shell("vault token revoke -mode=path auth/jwt");
    expect(headerOf(await ask("the login was revoked"))).toBe("Bearer of-sentry");
    const count = async (): Promise<number> =>
      (await bao.shell("vault list -format=json auth/token/accessors")).split("\n").length;
    const before = await count();
    await keeper.forget(session.id);
    expect(await count()).toBeLessThan(before);
  });

  test("sealed", async () => {
    await bao.shell("vault operator seal");
    expect((await ask("sealed", {}, { id: "later" })).kind).toBe("unavailable");
  });
});
