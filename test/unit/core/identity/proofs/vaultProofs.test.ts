import { createServer, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { querySource } from "../../../../../src/core/credentials/querySource.ts";
import type { SourceQuery, SourcePorts } from "../../../../../src/core/credentials/source.ts";
import { startTrace } from "../../../../../src/core/trace.ts";
import { systemClock } from "../../../../../src/node/clock.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { recordingLog } from "../../../../support/ports.ts";
import { company, needAt, never, signedIn, userOf, type EditorWindow } from "../harness.ts";

const { demo, open } = company();

const bound = async (): Promise<
  EditorWindow & { readonly ports: SourcePorts; readonly ask: (over: object) => SourceQuery }
> => {
  const editor = open({}, { senderConstrained: () => true });
  await signedIn(editor, needAt(demo()), userOf(demo()));
  const found = await editor.identity.fresh(needAt(demo()), { signal: never });
  if (found.kind !== "active") throw new Error(found.kind);
  const { session } = found;
  const url = demo().connectors.find(({ name }) => name === "github")?.url ?? "";
  const userAuth = { issuer: demo().idp, clientId: "lanyard", scopes: ["openid"] };
  const github = connectorNamed("github", { url, userAuth });
  return {
    ...editor,
    ports: {
      ...{ clock: systemClock, fetch: editor.wire.fetch, log: recordingLog() },
      signRequest: (ask) => editor.identity.signer(ask.session),
      tokenEndpoint: () => Promise.resolve(`${demo().idp}/token`),
    },
    ask: (over) => ({ connector: { ...github, ...over }, session, trace: startTrace(), signal: never }),
  };
};

/** A vault that writes down what it is sent, and wants a nonce when the test says so. */
const vault = async (
  nonce?: string,
): Promise<{ readonly url: string; readonly seen: IncomingHttpHeaders[] } & AsyncDisposable> => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    const payload = String(request.headers["dpop"]).split(".")[1] ?? "";
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString() || "{}") as { nonce?: string };
    const wants = nonce !== undefined && claims.nonce !== nonce;
    response.writeHead(wants ? 401 : 200, {
      "content-type": "application/json",
      ...(wants ? { "dpop-nonce": nonce } : {}),
    });
    response.end(JSON.stringify(wants ? { error: "use_dpop_nonce" } : { access_token: "c", expires_in: 60 }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/lookup`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

describe("a vault that is asked with a bound token (RFC 9449)", () => {
  it.each([
    [
      "by look-up",
      () => ({
        credential: {
          source: "vault-lookup",
          url: `${demo().vault}/v1/lookup/github`,
          credential: "/credential",
        },
      }),
    ],
    ["by token exchange at the IdP", () => ({ credential: { source: "token-exchange" } })],
    [
      "by token exchange at the vault",
      () => ({ credential: { source: "token-exchange", endpoint: `${demo().vault}/token` } }),
    ],
  ])("answers %s at the demo, which gives nothing without the proof", async (_how, entry) => {
    const { ask, ports } = await bound();
    const { signRequest: _without, ...unproven } = ports;
    expect((await querySource(ask(entry()), unproven)).grant.kind).toBe("signedOut");
    expect((await querySource(ask(entry()), ports)).grant.kind).toBe("granted");
  });

  it("sees a proof for this request, of this token, by the key of the session", async () => {
    await using server = await vault();
    const { ask, ports } = await bound();
    const url = `${server.url}?team=a`;
    await querySource(ask({ credential: { source: "vault-lookup", url } }), ports);
    const [headers] = server.seen;
    const token = /^DPoP (.*)$/.exec(headers?.authorization ?? "")?.[1] ?? "";
    const proof = String(headers?.["dpop"]);
    const { payload } = await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt", algorithms: ["ES256"] });
    const ath = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(token))).toString("base64url");
    expect(payload).toMatchObject({ htm: "GET", htu: server.url, ath });
    const { jwk } = decodeProtectedHeader(proof);
    expect(Object.keys(jwk ?? {}).sort()).toEqual(["crv", "kty", "x", "y"]);
    expect(await calculateJwkThumbprint(jwk ?? {})).toMatch(/^[\w-]{43}$/);
  });

  it("gets its nonce on the second try, and the next time at once", async () => {
    await using server = await vault("n-1");
    const { ask, ports } = await bound();
    const entry = { credential: { source: "vault-lookup", url: server.url } };
    expect((await querySource(ask(entry), ports)).grant.kind).toBe("granted");
    expect(server.seen).toHaveLength(2);
    expect((await querySource(ask(entry), ports)).grant.kind).toBe("granted");
    expect(server.seen).toHaveLength(3);
    const ids = server.seen.map(({ dpop }) => String(dpop));
    expect(new Set(ids).size).toBe(3);
  });
});

it("a session of bearer tokens signs nothing", async () => {
  const editor = open();
  await signedIn(editor, needAt(demo()), userOf(demo()));
  const found = await editor.identity.fresh(needAt(demo()), { signal: never });
  expect(found.kind === "active" && editor.identity.signer(found.session)).toBeUndefined();
});
