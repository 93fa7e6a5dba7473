import { describe, expect, it } from "vitest";
import { askOnce, connectorWith, session, sourcePorts } from "../../../support/asks.ts";
import { json, serve } from "../../../support/vaults/server.ts";
import { tokenExchangeCase } from "../../../support/vaults/tokenEndpoint.ts";

const exchange = (origin: string, over: object = {}): object => ({
  ...{ source: "token-exchange", endpoint: `${origin}/token` },
  ...over,
});

describe("a poll", () => {
  const pending = (over: object = {}): ReturnType<typeof json> =>
    json(400, { error: "authorization_pending", interval: 0, ...over });

  it("asks the vault to hold its reply, and only then", async () => {
    const vault = await serve(() => pending());
    const ports = sourcePorts();
    await askOnce(exchange(vault.origin), ports);
    await askOnce(exchange(vault.origin), ports, { waitSeconds: 8 });
    expect(vault.requests.map((request) => request.headers["prefer"])).toEqual([undefined, "wait=8"]);
  });

  it("asks the vault to send no push, where nobody asked", async () => {
    const unsent = { error: "authorization_pending", unsent: true };
    const vault = await serve(() => json(400, unsent));
    const ports = sourcePorts();
    const { grant } = await askOnce(exchange(vault.origin), ports, { unasked: true });
    await askOnce(exchange(vault.origin), ports, { unasked: true, waitSeconds: 8 });
    expect(vault.requests.map((request) => request.headers["prefer"])).toEqual([
      "no-push",
      "wait=8, no-push",
    ]);
    expect(grant).toMatchObject({ kind: "stepUp", how: { kind: "push", unsent: true } });
  });

  it("gives a held reply its time on top of the limit", async () => {
    const vault = await serve(() => new Promise(() => undefined));
    const ports = sourcePorts();
    const arrival = vault.arrival();
    const asked = askOnce(exchange(vault.origin), ports, { waitSeconds: 8 });
    await arrival;
    ports.clock.advance(17_999);
    expect(ports.clock.pending).toBe(1);
    ports.clock.advance(1);
    expect((await asked).grant.kind).toBe("unavailable");
  });

  it("is not repeated at once when the vault says so but holds nothing", async () => {
    const vault = await serve(() => pending());
    const ports = sourcePorts();
    expect((await askOnce(exchange(vault.origin), ports)).grant).toMatchObject({ intervalMs: 0 });
    const unheld = await askOnce(exchange(vault.origin), ports, { waitSeconds: 8 });
    expect(unheld.grant).toMatchObject({ kind: "pending", intervalMs: 1000 });
  });

  it("may be repeated at once when it was held", async () => {
    const ports = sourcePorts();
    const vault = await serve(() => {
      ports.clock.advance(8_000);
      return pending();
    });
    const { grant } = await askOnce(exchange(vault.origin), ports, { waitSeconds: 8 });
    expect(grant).toMatchObject({ kind: "pending", intervalMs: 0 });
  });
});

describe("a deferred answer", () => {
  const codes = (requests: readonly { readonly form: URLSearchParams }[]): readonly (string | null)[] =>
    requests.map(({ form }) => form.get("deferral_code"));
  const waiting = json(400, {
    error: "authorization_pending",
    deferral_code: "code-1",
    interval: 1,
    expires_in: 60,
  });

  it("is polled by its code until it comes", async () => {
    const vault = await serve(() => waiting);
    const ports = sourcePorts();
    const entry = exchange(vault.origin, { deferred: true });
    expect((await askOnce(entry, ports)).grant).toMatchObject({ kind: "pending", intervalMs: 1000 });
    vault.answer(() => json(400, { error: "interaction_pending" }));
    ports.clock.jumpTo(ports.clock.now() + 20_000);
    const still = await askOnce(entry, ports);
    expect(still.grant).toMatchObject({ kind: "pending", expiresAtMs: ports.clock.now() + 40_000 });
    vault.answer(() => json(200, { access_token: "late", token_type: "Bearer" }));
    expect((await askOnce(entry, ports)).grant.kind).toBe("granted");
    await askOnce(entry, ports);
    expect(codes(vault.requests)).toEqual([null, "code-1", "code-1", null]);
    expect(vault.requests[0]?.form.get("completion_mode")).toBe("deferred");
    expect(vault.requests[1]?.form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:deferred");
    expect(vault.requests[1]?.form.get("subject_token")).toBeNull();
  });

  it("survives a vault that is away for a while, and follows a code that changes", async () => {
    const vault = await serve(() => waiting);
    const ports = sourcePorts();
    await askOnce(exchange(vault.origin), ports);
    vault.answer(() => ({ status: 503 }));
    await askOnce(exchange(vault.origin), ports);
    vault.answer(() =>
      json(400, { error: "authorization_pending", deferral_code: "code-2", expires_in: 60 }),
    );
    await askOnce(exchange(vault.origin), ports);
    await askOnce(exchange(vault.origin), ports);
    expect(codes(vault.requests)).toEqual([null, "code-1", "code-1", "code-2"]);
  });

  it.each(["access_denied", "expired_token", "invalid_grant"])(
    "ends with %s; the next question starts over",
    async (code) => {
      const vault = await serve(() => waiting);
      const ports = sourcePorts();
      await askOnce(exchange(vault.origin), ports);
      vault.answer(() => json(400, { error: code }));
      await askOnce(exchange(vault.origin), ports);
      await askOnce(exchange(vault.origin), ports);
      expect(codes(vault.requests)).toEqual([null, "code-1", null]);
    },
  );

  it("is not asked for by an entry that has another vault, resource or URL by now", async () => {
    const [vault, other] = [await serve(() => waiting), await serve(() => waiting)];
    const ports = sourcePorts();
    const entry = exchange(vault.origin);
    await askOnce(entry, ports);
    await askOnce(exchange(other.origin), ports);
    await askOnce(exchange(vault.origin, { resource: "https://payroll.example.com" }), ports);
    const connector = { ...connectorWith(entry), url: "https://elsewhere.example.com/mcp" };
    await askOnce(entry, ports, { connector });
    expect([...codes(vault.requests), ...codes(other.requests)]).toEqual([null, null, null, null]);
    await askOnce(entry, ports);
    expect(codes(vault.requests).at(-1)).toBe("code-1");
  });

  it("ends with its time, and with the session", async () => {
    const vault = await serve(() => waiting);
    const ports = sourcePorts();
    await askOnce(exchange(vault.origin), ports);
    ports.clock.jumpTo(ports.clock.now() + 60_000);
    await askOnce(exchange(vault.origin), ports);
    await ports.keeper.forget(session.id);
    await askOnce(exchange(vault.origin), ports);
    expect(codes(vault.requests)).toEqual([null, null, null]);
  });
});

describe("the page to connect on, where a vault makes one", () => {
  const entry = (origin: string): object => ({
    source: "custom",
    request: { url: `${origin}/token` },
    connect: { request: { method: "POST", url: `${origin}/connect`, json: {} }, url: "/url" },
    rules: [{ when: { status: 404 }, then: { grant: "needsConnection" } }],
  });

  it("is made once for all polls, and anew once the account was connected", async () => {
    const vault = await serve(({ path }) =>
      path === "/connect" ? json(200, { url: "https://x.example.com/" }) : { status: 404 },
    );
    const ports = sourcePorts();
    for (let polls = 0; polls < 3; polls += 1) {
      expect((await askOnce(entry(vault.origin), ports)).grant).toMatchObject({ kind: "needsConnection" });
    }
    const pages = (): number => vault.requests.filter(({ path }) => path === "/connect").length;
    expect(pages()).toBe(1);
    ports.clock.jumpTo(ports.clock.now() + 300_000);
    await askOnce(entry(vault.origin), ports);
    expect(pages()).toBe(2);
  });

  it("is another for an entry that asks another vault by now", async () => {
    const answers = (page: string) => (asked: { readonly path: string }) =>
      asked.path === "/connect" ? json(200, { url: page }) : { status: 404 };
    const pages = ["https://one.example.com/", "https://other.example.com/"];
    const ports = sourcePorts();
    for (const url of pages) {
      const vault = await serve(answers(url));
      const { grant } = await askOnce(entry(vault.origin), ports);
      expect(grant).toMatchObject({ kind: "needsConnection", url });
    }
  });
});

describe("DPoP (RFC 9449)", () => {
  it("signs each request, and once more with the nonce that the server wants", async () => {
    const vault = await serve(({ headers: given }) =>
      given["dpop"] === "proof with n-1"
        ? json(200, { access_token: "a", token_type: "Bearer" })
        : json(400, { error: "use_dpop_nonce" }, { "dpop-nonce": "n-1" }),
    );
    const ports = sourcePorts({
      signRequest: () => (_request, nonce) => Promise.resolve({ dpop: `proof with ${nonce ?? "nothing"}` }),
    });
    expect((await askOnce(exchange(vault.origin), ports)).grant.kind).toBe("granted");
    expect(vault.requests.map((request) => request.headers["dpop"])).toEqual([
      "proof with nothing",
      "proof with n-1",
    ]);
  });
});

describe("token exchange", () => {
  it("finds the endpoint in the issuer's metadata when the entry names none", async () => {
    const vault = await serve(tokenExchangeCase.granting("a"));
    const ports = sourcePorts({ tokenEndpoint: () => Promise.resolve(`${vault.origin}/token`) });
    expect((await askOnce({ source: "token-exchange" }, ports)).grant.kind).toBe("granted");
    expect(vault.requests[0]?.form.get("resource")).toBe("https://mcp.example.com/mcp");
  });

  it("asks for an audience instead of a resource, and passes on scopes", async () => {
    const vault = await serve(tokenExchangeCase.granting("a"));
    await askOnce(exchange(vault.origin, { audience: "salesforce", scopes: "read write" }), sourcePorts());
    const form = vault.requests[0]?.form;
    expect([form?.get("audience"), form?.get("resource"), form?.get("scope")]).toEqual([
      "salesforce",
      null,
      "read write",
    ]);
  });

  it("says what is missing when nobody can find the endpoint", async () => {
    expect((await askOnce({ source: "token-exchange" }, sourcePorts())).grant.kind).toBe("misconfigured");
  });
});
