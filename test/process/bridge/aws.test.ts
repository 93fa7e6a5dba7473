/** A bridge to a server that IAM protects: STS gives the role, and each request is signed in the window. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connector } from "../../../src/core/config/connector.ts";
import { querySource } from "../../../src/core/credentials/querySource.ts";
import { Secret } from "../../../src/core/secret.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { LoopbackAws } from "../../support/aws/loopback.ts";
import { recordingLog } from "../../support/ports.ts";
import { textIn } from "./client.ts";
import { useStage } from "./stage.ts";

const now = useStage();
const role = "arn:aws:iam::123456789012:role/developer";
const runtime = "arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/r-1";
const idToken = "id-token-canary";

let aws: LoopbackAws;
let load: (over?: Partial<Connector["userAuth"]>) => void;

beforeEach(async () => {
  const { window, url } = now();
  aws = new LoopbackAws(url);
  const { sts, door } = await aws.listen();
  const ports = { clock: systemClock, fetch: globalThis.fetch, log: recordingLog() };
  window.answer = async (query) => {
    const session = { ...query.session, idToken: new Secret(idToken) };
    return (await querySource({ ...query, session }, ports)).grant;
  };
  load = (over = {}) =>
    window.load({
      url: `${door}/runtimes/${encodeURIComponent(runtime)}/invocations?qualifier=DEFAULT`,
      credential: { source: "aws-sts", role, region: aws.region, service: aws.service, endpoint: sts },
      helper: { kind: "bridge" },
      userAuth: { ...window.userAuth, ...over },
    });
  load();
});
afterEach(() => aws.close());

const refused = (): LoopbackAws["atDoor"] => aws.atDoor.filter(({ verdict }) => verdict !== "ok");
/** The stream of what the server says by itself is asked for beside the calls, whenever it likes. */
const refusedCalls = (): readonly string[] =>
  refused().flatMap(({ rpc, verdict }) => (rpc === "tools/call" ? [verdict] : []));

describe("a server that IAM protects", () => {
  test("lets in every request of a bridge, and its secret key is nowhere but in the window", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    expect((await client.ask("tools/list")).result?.tools?.map(({ name }) => name)).toEqual(["echo"]);
    expect(textIn(await client.call("echo", { text: "¿qué? 世界" }))).toBe("¿qué? 世界");
    await client.end();
    await vi.waitFor(() => expect(connector.seen.some(({ http }) => http === "DELETE")).toBe(true), 5000);
    expect(refused()).toEqual([]);
    expect(new Set(aws.atDoor.map(({ method }) => method))).toEqual(new Set(["POST", "GET", "DELETE"]));
    for (const { signedHeaders } of aws.atDoor)
      expect(signedHeaders).toBe("host;x-amz-date;x-amz-security-token");
    const seen = JSON.stringify([client.lines, client.stderr, connector.seen]);
    for (const secret of aws.secrets) expect(seen).not.toContain(secret);
    expect(seen).not.toContain(idToken);
  });

  test("sees the same session of the role whenever it is assumed", async () => {
    load({ reuseSeconds: 0 });
    const client = await now().begun();
    for (const text of ["a", "b"]) expect(textIn(await client.call("echo", { text }))).toBe(text);
    expect(aws.asked.length).toBeGreaterThan(2);
    expect(new Set(aws.asked.map(({ RoleSessionName: name }) => name))).toEqual(new Set(["alice"]));
    expect(new Set(aws.atDoor.map(({ keyId }) => keyId)).size).toBeGreaterThan(1);
  });

  test("that takes a key no more has STS asked anew, and the request repeated once", async () => {
    const { begun, connector } = now();
    aws.answersIn = "json";
    const client = await begun();
    await client.call("echo");
    // Else it could be what the connector's stream is asked for with that has a new key made.
    await expect.poll(() => aws.atDoor.map(({ method }) => method)).toContain("GET");
    const asked = aws.asked.length;
    aws.expire();
    expect(textIn(await client.call("echo", { text: "again" }))).toBe("again");
    expect(refusedCalls()).toEqual(["ExpiredTokenException"]);
    expect(aws.asked.length).toBeGreaterThan(asked);
    expect(connector.of("tools/call")).toHaveLength(2);
    aws.ttlMs = 700;
    aws.aheadMs.door = 3_000;
    aws.expire();
    expect((await client.call("echo")).error?.message).toMatch(
      /refused the signature, and a new one as well \(403, ExpiredTokenException\)/,
    );
    expect(refusedCalls()).toHaveLength(3);
  });

  test("whose clock is another is answered by that clock, once it has refused", async () => {
    const client = await now().begun();
    await client.call("echo");
    aws.aheadMs.door = 1_200_000;
    expect(textIn(await client.call("echo", { text: "in time" }))).toBe("in time");
    expect(refusedCalls()).toEqual(["InvalidSignatureException"]);
  });

  test("is signed for by the clock of STS from the start", async () => {
    aws.aheadMs.sts = -7_200_000;
    aws.aheadMs.door = -7_200_000;
    const client = await now().begun();
    expect(textIn(await client.call("echo", { text: "in time" }))).toBe("in time");
    expect(refused()).toEqual([]);
  });

  test("does not get a request twice that the role may not make", async () => {
    const client = await now().begun();
    aws.isAllowed = false;
    expect((await client.call("echo")).error?.message).toMatch(/403/);
    expect(refusedCalls()).toEqual(["AccessDeniedException"]);
  });
});

describe("STS", () => {
  test.each([
    [{ code: "AccessDenied", status: 403 }, /The role does not let you in.*aud, sub/],
    [{ code: "InvalidIdentityToken", message: "Incorrect token audience" }, /Incorrect token audience.*IAM/],
    [{ code: "IDPCommunicationError" }, /AWS could not reach the identity provider/],
    [{ code: "RegionDisabledException", message: "Not on.", status: 403 }, /does not serve this account/],
  ])("that says %j is told so, and nothing goes to the server", async (fault, words) => {
    aws.fault = fault;
    const client = await now().begun();
    expect(textIn(await client.call("echo"))).toMatch(words);
    expect(aws.atDoor).toEqual([]);
  });

  test("that refuses the person ends the next request", async () => {
    load({ reuseSeconds: 0 });
    const client = await now().begun();
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    const calls = (): number => aws.atDoor.filter(({ rpc }) => rpc === "tools/call").length;
    const before = calls();
    aws.fault = { code: "AccessDenied", status: 403 };
    expect(textIn(await client.call("echo"))).toMatch(/The role does not let you in|The right .* ended/);
    expect(textIn(await client.call("echo"))).toMatch(/The role does not let you in/);
    expect(calls()).toBe(before);
  });
});
