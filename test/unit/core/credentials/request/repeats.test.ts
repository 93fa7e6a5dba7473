import { expect, it } from "vitest";
import { askOnce, sourcePorts } from "../../../../support/asks.ts";
import { hashicorp } from "../../../../support/vaults/hashicorpServer.ts";
import { json, serve, type Vault } from "../../../../support/vaults/server.ts";

const token = json(200, {
  ...{ access_token: "abc", token_type: "Bearer", token: { accessToken: "abc" } },
  issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
});

/** Takes each request, and lets go of the connection at the first on each path: whether it did anything, nobody knows. */
const lettingGo = (vault: Vault): Vault => {
  const seen = new Set<string>();
  return (request) => {
    if (seen.has(request.path)) return vault(request);
    seen.add(request.path);
    throw new Error("The connection is gone.");
  };
};

interface Row {
  readonly entry: (origin: string) => object;
  readonly vault?: Vault;
  /** How often each path is asked. */
  readonly asked: readonly number[];
  readonly kind: string;
}

const lookup = (origin: string): object => ({ source: "vault-lookup", url: `${origin}/v1/x` });
const custom = (origin: string, more: object): object => ({
  source: "custom",
  request: { method: "POST", url: `${origin}/v1/x`, json: {}, ...more },
  credential: { value: "/access_token" },
});

const rows: Readonly<Record<string, Row>> = {
  "a look-up": { entry: lookup, asked: [2], kind: "granted" },
  "a look-up by POST, which may send a push": {
    entry: (origin) => ({ ...lookup(origin), method: "POST", json: {} }),
    ...{ asked: [1], kind: "unavailable" },
  },
  "an exchange, which may send a push": {
    entry: (origin) => ({ source: "token-exchange", endpoint: `${origin}/token` }),
    ...{ asked: [1], kind: "unavailable" },
  },
  "a POST of one's own": { entry: (origin) => custom(origin, {}), asked: [1], kind: "unavailable" },
  "a POST of one's own that may be repeated": {
    entry: (origin) => custom(origin, { repeatable: true }),
    ...{ asked: [2], kind: "granted" },
  },
  "Descope's look-up": {
    entry: (origin) => ({ source: "descope", projectId: "p", appId: "a", baseUrl: origin }),
    ...{ asked: [2], kind: "granted" },
  },
  "a login and a read at HashiCorp Vault": {
    entry: (origin) => ({
      ...{ source: "hashicorp-vault", address: origin, role: "dev" },
      path: "users/{subject}/sentry",
    }),
    vault: hashicorp({}),
    ...{ asked: [2, 2], kind: "granted" },
  },
};

it.each(Object.entries(rows))("%s over a connection that is gone", async (_name, row) => {
  const vault = await serve(lettingGo(row.vault ?? (() => token)));
  const { grant } = await askOnce(row.entry(vault.origin), sourcePorts());
  expect(grant.kind).toBe(row.kind);
  const paths = [...new Set(vault.requests.map(({ path }) => path))];
  const byPath = paths.map((path) => vault.requests.filter((request) => request.path === path));
  expect(byPath.map(({ length }) => length)).toEqual(row.asked);
  for (const [first, second] of byPath) {
    expect(first?.headers["prefer"]).toBeUndefined();
    if (second !== undefined) expect(second.headers["prefer"]).toBe("no-push");
  }
});
