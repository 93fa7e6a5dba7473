import { describe, expect, it } from "vitest";
import { queryConfigured } from "../../../../../src/core/credentials/querySource.ts";
import type { Granted } from "../../../../../src/core/credentials/grant.ts";
import type { SourcePorts } from "../../../../../src/core/credentials/source.ts";
import type { SignRequest } from "../../../../../src/core/ports.ts";
import { startTrace } from "../../../../../src/core/trace.ts";
import { connectorWith, plain, plainHeaders, session, sourcePorts } from "../../../../support/asks.ts";
import { json, serve, type VaultReply } from "../../../../support/vaults/server.ts";

const reply = (over: object = {}): VaultReply =>
  json(200, { access_token: "bound-1", token_type: "DPoP", expires_in: 60, team: "a", ...over });

/** Says what it was asked to prove. */
const proving =
  (token: string): SignRequest =>
  ({ method, url, headers }, nonce = "none") =>
    Promise.resolve({
      dpop: [token, method, url, headers["authorization"], nonce].join(" "),
      authorization: `DPoP ${token}`,
    });

const ask = async (
  answer: VaultReply,
  over: Partial<SourcePorts> = {},
  { headers, isBridged = true }: { readonly headers?: object; readonly isBridged?: boolean } = {},
): Promise<ReturnType<typeof queryConfigured>> => {
  const vault = await serve(() => answer);
  const connector = connectorWith({
    ...{ source: "token-exchange", endpoint: `${vault.origin}/token` },
    ...(headers === undefined ? {} : { headers }),
  });
  const bridged = { ...connector, helper: { kind: isBridged ? "bridge" : "lanyard" } } as const;
  const query = { connector: bridged, session, trace: startTrace(), signal: new AbortController().signal };
  const signRequest: SourcePorts["signRequest"] = (_query, token) => proving(token?.reveal() ?? "own");
  return queryConfigured(connector.credential, query, sourcePorts({ signRequest, ...over }));
};

const url = "https://mcp.example.com/mcp";

describe("a token that is bound to the session's key (RFC 9449)", () => {
  it.each(["DPoP", "dpop", "DPOP", "dPoP"])("holds no header, but proves each request: %s", async (type) => {
    const { grant } = await ask(reply({ token_type: type }));
    const { kind, headers, expiresAtMs, sign } = grant as Granted;
    expect({ kind, headers }).toEqual({ kind: "granted", headers: {} });
    expect(expiresAtMs).toBeGreaterThan(0);
    const made = (await sign?.({ method: "POST", url, bodyHash: "" })) ?? {};
    expect(plainHeaders(made)).toEqual({
      authorization: "DPoP bound-1",
      dpop: `bound-1 POST ${url} Bearer bound-1 none`,
    });
    const next = (await sign?.({ method: "GET", url, bodyHash: "", nonce: "n-1" })) ?? {};
    expect(plainHeaders(next)["dpop"]).toBe(`bound-1 GET ${url} Bearer bound-1 n-1`);
  });

  it("keeps the other headers of the entry", async () => {
    const headers = { Authorization: "Bearer {credential}", "X-Team": "{/team}" };
    const { grant } = await ask(reply(), {}, { headers });
    const made = (await (grant as Granted).sign?.({ method: "POST", url, bodyHash: "" })) ?? {};
    expect(plainHeaders(made)).toMatchObject({ authorization: "DPoP bound-1", "x-team": "a" });
  });

  it("gives nothing once there is no key to prove it", async () => {
    const { grant } = await ask(reply(), { signRequest: () => () => Promise.resolve({}) });
    expect(await (grant as Granted).sign?.({ method: "POST", url, bodyHash: "" })).toEqual({});
  });

  it.each([
    ["of a sign-in without a key", { signRequest: () => undefined }, {}],
    ["for who takes headers away", {}, { isBridged: false }],
    ["that the entry puts elsewhere", {}, { headers: { "X-Token": "{credential}" } }],
  ])("is refused where nobody could use it: %s", async (_what, over, how) => {
    const { grant } = await ask(reply(), over, how);
    expect(grant.kind).toBe("misconfigured");
    expect(JSON.stringify(grant)).toContain("binds the credential to a key (DPoP)");
  });

  it("is told from a bearer token by its type alone", async () => {
    const { grant } = await ask(reply({ token_type: "Bearer" }));
    expect(plain(grant)).toMatchObject({ kind: "granted", headers: { Authorization: "Bearer bound-1" } });
    expect((grant as Granted).sign).toBeUndefined();
  });
});
