import { describe, expect, it } from "vitest";
import { askOnce, session, sourcePorts } from "../../../support/asks.ts";
import { hashicorpCase } from "../../../support/vaults/hashicorp.ts";
import { hashicorp, kvSecret, loggedIn, vaultToken } from "../../../support/vaults/hashicorpServer.ts";
import {
  json,
  serve,
  type RunningVault,
  type Vault,
  type VaultReply,
} from "../../../support/vaults/server.ts";

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

/** A Vault that keeps its tokens: each login makes one, of so many uses, and a path of another is refused by policy. */
const keeping = ({ uses = Infinity, dead = "permission denied" } = {}) => {
  const living = new Map<string, number>();
  let made = 0;
  const refused = (words: string): VaultReply => json(403, { errors: [words] });
  const vault: Vault = ({ path, headers }) => {
    if (path === "/v1/auth/jwt/login") {
      const token = `hvs.${(made += 1)}`;
      living.set(token, uses);
      return json(200, { auth: { client_token: token, lease_duration: 3600, entity_id: "e1" } });
    }
    const token = headers["x-vault-token"] ?? "";
    const left = living.get(token) ?? 0;
    if (left <= 0) return refused(dead);
    living.set(token, left - 1);
    if (path === "/v1/auth/token/lookup-self") return json(200, { data: { id: "x" } });
    if (path === "/v1/auth/token/revoke-self") {
      living.delete(token);
      return { status: 204 };
    }
    return path.includes("/alice/")
      ? kvSecret({ token: "kv" })
      : refused("1 error occurred:\n\t* permission denied\n\n");
  };
  return { vault, living, logins: () => made };
};

describe("a refused read", () => {
  const bobs = (vault: RunningVault): object => ({ ...entry(vault), path: "users/bob/sentry" });

  it("by policy leaves the token to the others, and nothing behind after sign-out", async () => {
    const { vault, living, logins } = keeping();
    const running = await serve(vault);
    const ports = sourcePorts();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => askOnce(n % 2 === 0 ? entry(running) : bobs(running), ports)),
    );
    await askOnce(bobs(running), ports);
    expect(answers.map(({ grant }) => grant.kind)).toEqual(
      Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? "granted" : "denied")),
    );
    expect(answers[1]?.grant).toMatchObject({ reason: "permission denied" });
    expect(logins()).toBe(1);
    expect(paths(running).filter((path) => path.endsWith("lookup-self"))).toEqual([]);
    await ports.keeper.forget(session.id);
    expect([...living.keys()]).toEqual([]);
  });

  it.each(["permission denied", "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"])(
    "of a token that somebody revoked (%j) logs in once for all, and leaves nothing behind",
    async (dead) => {
      const { vault, living, logins } = keeping({ dead });
      const running = await serve(vault);
      const ports = sourcePorts();
      await askOnce(entry(running), ports);
      living.clear();
      const answers = await Promise.all([1, 2, 3, 4].map(() => askOnce(entry(running), ports)));
      expect(answers.map(({ grant }) => grant.kind)).toEqual(Array(4).fill("granted"));
      expect(logins()).toBe(2);
      await ports.keeper.forget(session.id);
      expect([...living.keys()]).toEqual([]);
    },
  );

  it("whose words do not tell is decided by looking the token up", async () => {
    const { vault } = keeping();
    const running = await serve((request) =>
      request.path.includes("/bob/") ? json(403, { errors: ["permission denied"] }) : vault(request),
    );
    const ports = sourcePorts();
    expect((await askOnce(bobs(running), ports)).grant.kind).toBe("denied");
    expect(paths(running)).toEqual([login, "secret/data/users/bob/sentry", "auth/token/lookup-self"]);
    expect((await askOnce(entry(running), ports)).grant.kind).toBe("granted");
    expect(paths(running).at(-1)).toBe("secret");
  });

  it("of tokens that are over as soon as they are made says what to set", async () => {
    const { vault } = keeping({ uses: 0 });
    const running = await serve(vault);
    const { grant } = await askOnce(entry(running), sourcePorts());
    expect(grant).toMatchObject({ kind: "misconfigured" });
    expect(JSON.stringify(grant)).toContain("token_num_uses");
  });
});

describe("the end of a login", () => {
  it("that was under way at sign-out is the token's end too", async () => {
    const { vault, living } = keeping();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const running = await serve(async (request) => {
      const reply = await vault(request);
      if (request.path.endsWith("/login")) await answered;
      return reply;
    });
    const ports = sourcePorts();
    const asking = askOnce(entry(running), ports);
    await running.arrival();
    await ports.keeper.forget(session.id);
    answer();
    await asking;
    expect([...living.keys()]).toEqual([]);
  });

  it("is the window's, for all sessions at once", async () => {
    const { vault, living } = keeping();
    const running = await serve(vault);
    const ports = sourcePorts();
    await askOnce(entry(running), ports);
    await askOnce(entry(running), ports, { session: { ...session, id: "session-2" } });
    expect(living.size).toBe(2);
    await ports.keeper.forgetAll();
    expect([...living.keys()]).toEqual([]);
  });
});

describe("a path that is the person's own", () => {
  const login = (auth: object): Vault => {
    return ({ path }) => {
      if (path.endsWith("/login"))
        return json(200, { auth: { client_token: vaultToken, lease_duration: 60, ...auth } });
      return path.startsWith("/v1/secret/data/") ? kvSecret({ token: "kv" }) : json(404, { errors: [] });
    };
  };
  const read = async (path: string, auth: object): Promise<string> => {
    const running = await serve(login(auth));
    const { grant } = await askOnce({ ...entry(running), path }, sourcePorts());
    return grant.kind === "granted" ? (running.requests.at(-1)?.path ?? "") : grant.kind;
  };

  it.each([
    ["{entityId}/sentry", { entity_id: "7f-e1" }, "/v1/secret/data/7f-e1/sentry"],
    ["users/{entityId}", { entity_id: "a/b" }, "/v1/secret/data/users/a%2Fb"],
    ["{/metadata/team}/x", { metadata: { team: "blue sky" } }, "/v1/secret/data/blue%20sky/x"],
    ["{/metadata/team}/x", { metadata: { team: "{subject}" } }, "/v1/secret/data/%7Bsubject%7D/x"],
    ["{/metadata/team}/{subject}", { metadata: { team: "t" } }, "/v1/secret/data/t/alice"],
    ["{entityId}/sentry", {}, "misconfigured"],
    ["{entityId}/sentry", { entity_id: "" }, "misconfigured"],
    ["{/metadata/team}/x", { entity_id: "e1", metadata: null }, "misconfigured"],
    ["users/{entityId}", { entity_id: ".." }, "misconfigured"],
    ["{/metadata/team}/admin", { metadata: { team: "." } }, "misconfigured"],
  ])("%s with a login of %j reads %s", async (path, auth, expected) => {
    expect(await read(path, auth)).toBe(expected);
  });

  it.each(["{userToken}", "{/entity_id}", "{/data/token}", "{nobody}", "{"])("is not %j", (path) => {
    expect(() =>
      askOnce({ ...hashicorpCase.entry({ origin: "https://v", nowMs: 0 }), path }, sourcePorts()),
    ).toThrow();
  });
});

describe("a cluster whose standby redirects", () => {
  const cluster = async () => {
    const active = await serve(hashicorp({}));
    const standby = await serve((request) => ({
      status: 307,
      headers: { location: `${active.origin}${request.path}` },
    }));
    return { active, standby };
  };

  it("is asked at the node that the entry names", async () => {
    const { active, standby } = await cluster();
    const ports = sourcePorts();
    const { grant } = await askOnce({ ...entry(standby), nodes: [active.origin] }, ports);
    expect(grant.kind).toBe("granted");
    expect(paths(active)).toEqual([login, "secret"]);
    await ports.keeper.forget(session.id);
    expect(paths(active).at(-1)).toBe("auth/token/revoke-self");
  });

  it.each([undefined, [], ["https://vault-2.example.com:8200"]])(
    "to a node that it does not name (%j) gets no token to it, says so, and asks again",
    async (nodes) => {
      const { active, standby } = await cluster();
      const { grant } = await askOnce(
        { ...entry(standby), ...(nodes === undefined ? {} : { nodes }) },
        sourcePorts(),
      );
      expect(grant).toMatchObject({ kind: "misconfigured", retryAtMs: expect.any(Number) as number });
      expect(JSON.stringify(grant)).toContain(active.origin);
      expect(active.requests).toEqual([]);
    },
  );

  it("in a circle ends", async () => {
    const standby: RunningVault = await serve((request) => ({
      status: 307,
      headers: { location: `${standby.origin}${request.path}` },
    }));
    const { grant } = await askOnce({ ...entry(standby), nodes: [standby.origin] }, sourcePorts());
    expect(grant.kind).toBe("misconfigured");
    expect(standby.requests.length).toBeLessThanOrEqual(2);
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
