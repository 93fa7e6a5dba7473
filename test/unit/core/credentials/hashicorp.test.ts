import { describe, expect, it } from "vitest";
import { askOnce, session, sourcePorts } from "../../../support/asks.ts";
import {
  hashicorp,
  hashicorpCase,
  kvSecret,
  loggedIn,
  vaultToken,
} from "../../../support/vaults/hashicorp.ts";
import { json, serve, type RunningVault, type Vault } from "../../../support/vaults/server.ts";

const entry = ({ origin }: RunningVault): object => hashicorpCase.entry({ origin, nowMs: 0 });
const paths = ({ requests }: RunningVault): readonly string[] =>
  requests.map(({ path }) => path.replace("/v1/", "").replace("secret/data/users/alice/sentry", "secret"));
const login = "auth/jwt/login";

describe("the Vault token", () => {
  it("is used again until its lease ends", async () => {
    const vault = await serve(hashicorp({ login: loggedIn(60) }));
    const ports = sourcePorts();
    await askOnce(entry(vault), ports);
    await askOnce(entry(vault), ports);
    ports.clock.jumpTo(ports.clock.now() + 55_000);
    await askOnce(entry(vault), ports);
    expect(paths(vault)).toEqual([login, "secret", "secret", login, "secret"]);
  });

  it("is asked for once by connectors that ask at the same time", async () => {
    const vault = await serve(hashicorp({}));
    const ports = sourcePorts();
    await Promise.all([1, 2, 3].map(() => askOnce(entry(vault), ports)));
    expect(paths(vault).filter((path) => path === login)).toHaveLength(1);
  });

  it("is revoked at sign-out", async () => {
    const vault = await serve(hashicorp({}));
    const ports = sourcePorts();
    await askOnce(entry(vault), ports);
    vault.answer(() => ({ status: 204 }));
    await ports.keeper.forget(session.id);
    expect(paths(vault).at(-1)).toBe("auth/token/revoke-self");
    expect(vault.requests.at(-1)?.headers["x-vault-token"]).toBe(vaultToken);
    await ports.keeper.forget(session.id);
    expect(vault.requests).toHaveLength(3);
  });

  it("does not keep a sign-out waiting for a vault that is away", async () => {
    const vault = await serve(hashicorp({}));
    const ports = { ...sourcePorts(), fetch: (url: string, init?: RequestInit) => fetch(url, init) };
    await askOnce(entry(vault), ports);
    ports.fetch = () => Promise.reject(new TypeError("fetch failed"));
    await expect(ports.keeper.forget(session.id)).resolves.toBeUndefined();
  });

  it("that somebody else revoked is replaced once", async () => {
    const vault = await serve(hashicorp({}));
    const ports = sourcePorts();
    await askOnce(entry(vault), ports);
    let logins = 0;
    const afresh: Vault = (request) => {
      if (request.path.endsWith("/login")) logins += 1;
      return logins === 0 ? json(403, { errors: ["permission denied"] }) : hashicorp({})(request);
    };
    vault.answer(afresh);
    expect((await askOnce(entry(vault), ports)).grant.kind).toBe("granted");
    expect(logins).toBe(1);
  });
});

describe("a control group (Vault Enterprise)", () => {
  it("is waited for, then unwrapped", async () => {
    const wrapped = json(200, {
      request_id: "r",
      data: null,
      wrap_info: { token: "hvs.wrap", accessor: "a", ttl: 120 },
    });
    const vault = await serve(hashicorp({ secret: wrapped }));
    const ports = sourcePorts();
    const endMs = ports.clock.now() + 120_000;
    expect((await askOnce(entry(vault), ports)).grant).toMatchObject({ kind: "pending", expiresAtMs: endMs });
    vault.answer(() => json(400, { errors: ["Request needs further approval"] }));
    expect((await askOnce(entry(vault), ports)).grant).toMatchObject({ kind: "pending", expiresAtMs: endMs });
    vault.answer(() => kvSecret({ token: "kv" }));
    expect((await askOnce(entry(vault), ports)).grant.kind).toBe("granted");
    expect(paths(vault)).toEqual([login, "secret", "sys/wrapping/unwrap", "sys/wrapping/unwrap"]);
    expect(vault.requests.at(-1)?.json).toEqual({ token: "hvs.wrap" });
  });
});
