import fc from "fast-check";
import { expect, it } from "vitest";
import { sessionNameOf } from "../../../../../src/core/credentials/aws/assumeRole.ts";
import { sha256Hex } from "../../../../../src/core/hash.ts";
import type { Grant, RequestToSign } from "../../../../../src/core/credentials/grant.ts";
import { destinationsOf, queryConfigured } from "../../../../../src/core/credentials/querySource.ts";
import { startTrace } from "../../../../../src/core/trace.ts";
import { askOnce, connectorWith, plainHeaders, session, sourcePorts } from "../../../../support/asks.ts";
import { smithyAuthorization } from "../../../../../demo/aws/smithy.ts";
import { issuedXml } from "../../../../../demo/aws/stsXml.ts";
import { serve, type RunningVault } from "../../../../support/vaults/server.ts";

const role = "arn:aws:iam::123456789012:role/developer";
const key = { AccessKeyId: "ASIAEXAMPLE", SecretAccessKey: "secret-canary-5d2e", SessionToken: "tok/en+==" };
const entry = { source: "aws-sts", role };
const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

/** STS, whose clock is so far ahead. */
const sts = (nowMs: number, aheadMs = 0): Promise<RunningVault> =>
  serve(() => ({
    status: 200,
    text: issuedXml({
      key,
      role,
      sessionName: "alice",
      subject: "alice",
      endsAtMs: nowMs + aheadMs + 900_000,
    }),
    headers: { date: new Date(nowMs + aheadMs).toUTCString() },
  }));

const signed = async (grant: Grant, over: Partial<RequestToSign> = {}): Promise<Record<string, string>> => {
  if (grant.kind !== "granted" || grant.sign === undefined) throw new Error("Nothing signs.");
  const url = "https://mcp.example.com/a%3Ab/mcp?qualifier=DEFAULT";
  return plainHeaders(await grant.sign({ method: "POST", url, bodyHash: await sha256Hex(body), ...over }));
};

const atOf = (headers: Record<string, string>): number =>
  Date.parse((headers["x-amz-date"] ?? "").replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));

it("signs each request as AWS does, and gives no header that any request may carry", async () => {
  const ports = sourcePorts();
  const { origin } = await sts(ports.clock.now());
  const { grant } = await askOnce(
    { ...entry, endpoint: `${origin}/`, region: "eu-central-1", service: "execute-api" },
    ports,
  );
  expect(grant).toMatchObject({ kind: "granted", headers: {}, expiresAtMs: ports.clock.now() + 900_000 });
  const headers = await signed(grant);
  expect(Object.keys(headers).sort()).toEqual(["authorization", "x-amz-date", "x-amz-security-token"]);
  const { authorization, ...others } = headers;
  expect(authorization).toBe(
    await smithyAuthorization({
      ...{
        method: "POST",
        url: new URL("https://mcp.example.com/a%3Ab/mcp?qualifier=DEFAULT"),
        headers: others,
      },
      key: {
        accessKeyId: key.AccessKeyId,
        secretAccessKey: key.SecretAccessKey,
        sessionToken: key.SessionToken,
      },
      ...{ body, service: "execute-api", region: "eu-central-1", at: new Date(ports.clock.now()) },
    }),
  );
  expect(JSON.stringify(headers)).not.toContain(key.SecretAccessKey);
  const other = await signed(grant, { method: "GET", bodyHash: "" });
  expect(other["authorization"]).not.toBe(authorization);
});

it("asks for what the entry says, by a name that stays the same", async () => {
  const ports = sourcePorts();
  const vault = await sts(ports.clock.now());
  const policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "execute-api:*", Resource: "*" }],
  };
  const whole = { ...entry, endpoint: `${vault.origin}/`, region: "us-east-1", service: "execute-api" };
  await askOnce({ ...whole, durationSeconds: 900, policy }, ports);
  await askOnce(whole, ports, { session: { ...session, subject: "idp|alice/1" } });
  await askOnce(whole, ports, { session: { ...session, subject: "idp|alice/1" } });
  const [first, second, third] = vault.requests.map(({ form }) => Object.fromEntries(form));
  expect(first).toMatchObject({ RoleArn: role, RoleSessionName: "alice", DurationSeconds: "900" });
  expect(JSON.parse(first?.["Policy"] ?? "")).toEqual(policy);
  expect(second).not.toHaveProperty("DurationSeconds");
  expect(second?.["RoleSessionName"]).toMatch(/^idp-alice-1-[0-9a-f]{16}$/);
  expect(third?.["RoleSessionName"]).toBe(second?.["RoleSessionName"]);
});

it("makes a session name that STS takes of any subject, and another of another", async () => {
  const subject = fc.string({ unit: "grapheme", maxLength: 90 });
  await fc.assert(
    fc.asyncProperty(subject, subject, async (one, other) => {
      const [name, otherName] = [await sessionNameOf(one), await sessionNameOf(other)];
      expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
      expect(name === otherName).toBe(one === other);
    }),
  );
});

it.each([
  ["ahead", 3_600_000],
  ["behind", -3_600_000],
])("signs by AWS's clock where this one is an hour %s", async (_how, offMs) => {
  const ports = sourcePorts();
  const { origin } = await sts(ports.clock.now(), -offMs);
  const whole = { ...entry, endpoint: `${origin}/`, region: "us-east-1", service: "execute-api" };
  const { grant } = await askOnce(whole, ports);
  expect(grant).toMatchObject({ kind: "granted", expiresAtMs: ports.clock.now() + 900_000 });
  expect(atOf(await signed(grant))).toBe(ports.clock.now() - offMs);
});

it("signs by the clock of a service that refused, and leaves a small difference alone", async () => {
  const ports = sourcePorts();
  const nowMs = ports.clock.now();
  const { origin } = await sts(nowMs);
  const whole = { ...entry, endpoint: `${origin}/`, region: "us-east-1", service: "execute-api" };
  const { grant } = await askOnce(whole, ports);
  expect(atOf(await signed(grant, { serverTimeMs: nowMs + 1_200_000 }))).toBe(nowMs + 1_200_000);
  expect(atOf(await signed(grant, { serverTimeMs: nowMs + 30_000 }))).toBe(nowMs);
  expect(atOf(await signed(grant))).toBe(nowMs);
});

it("sends nothing where nobody says which service and region it is, or there is no ID token", async () => {
  const vault = await sts(0);
  const whole = { ...entry, endpoint: `${vault.origin}/` };
  const nameless = await askOnce(whole, sourcePorts());
  expect(nameless.grant).toMatchObject({ kind: "misconfigured", issues: [{ args: ["mcp.example.com"] }] });
  const { idToken: _idToken, ...bare } = session;
  const idless = await askOnce({ ...whole, region: "us-east-1", service: "a" }, sourcePorts(), {
    session: bare,
  });
  expect(idless.grant).toMatchObject({
    kind: "misconfigured",
    issues: [{ template: expect.stringContaining("ID token") as string }],
  });
  expect(vault.requests).toEqual([]);
});

it("takes service and region from the host, and asks the STS of that region", async () => {
  const connector = {
    ...connectorWith(entry),
    url: "https://gw-1.gateway.bedrock-agentcore.eu-central-1.amazonaws.com/mcp",
  };
  expect(destinationsOf(connector)).toEqual(["https://sts.eu-central-1.amazonaws.com/"]);
  const china = connectorWith({
    ...entry,
    role: role.replace("arn:aws:", "arn:aws-cn:"),
    region: "cn-north-1",
  });
  expect(destinationsOf(china)).toEqual(["https://sts.cn-north-1.amazonaws.com.cn/"]);
  const ports = sourcePorts();
  const urls: string[] = [];
  const fetch = (url: string): Promise<Response> => {
    urls.push(url);
    const endsAtMs = ports.clock.now() + 900_000;
    const text = issuedXml({ key, role, sessionName: "alice", subject: "alice", endsAtMs });
    return Promise.resolve(new Response(text));
  };
  const query = { connector, session, trace: startTrace(), signal: new AbortController().signal };
  const { grant } = await queryConfigured(connector.credential, query, { ...ports, fetch });
  expect(urls).toEqual(["https://sts.eu-central-1.amazonaws.com/"]);
  const { authorization } = await signed(grant, { url: connector.url });
  expect(authorization).toContain("/eu-central-1/bedrock-agentcore/aws4_request");
});
