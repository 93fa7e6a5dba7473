import { expect, test, vi } from "vitest";
import type { Fault } from "./connector.ts";
import { textIn } from "./client.ts";
import { useStage, type Stage } from "./stage.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

const now = useStage();

const wants = (challenge: string, status: number, times: number): Fault => ({
  ...{ rpc: "tools/call", status, times },
  headers: { "www-authenticate": `Bearer error="${challenge}"` },
});
const strong =
  'insufficient_user_authentication", error_description="See https://c.example", acr_values="urn:mfa", max_age="60';

/** The row says what the connector wants of the person. */
const isDemanded = ({ window }: Stage): Promise<void> =>
  vi.waitFor(
    () =>
      expect(window.status()).toMatchObject({
        ...{ kind: "stepUp", how: { kind: "reauthenticate", acrValues: ["urn:mfa"], maxAgeSeconds: 60 } },
        evidence: { answeredBy: expect.stringMatching(/^127/) as string },
      }),
    10_000,
  );

test.each([401, 403])(
  "a connector's own step-up (%i) holds the call, which goes on by itself",
  async (status) => {
    const stage = now();
    const { begun, connector, window } = stage;
    const client = await begun();
    connector.fault(wants(strong, status, 2));
    const call = awaitedLater(client.call("echo", { text: "done" }, 25_000));
    await isDemanded(stage);
    expect(connector.of("tools/call")).toHaveLength(2);
    // A sign-in that proves something else is not enough.
    window.signIn({ acr: "urn:password" });
    window.signIn({ acr: "urn:mfa" });
    expect(textIn(await call)).toBe("done");
    expect(connector.of("tools/call")).toHaveLength(3);
    expect(JSON.stringify(client.messages)).not.toMatch(/c\.example|tok-/);
    expect(textIn(await client.call("echo", { text: "again" }))).toBe("again");
  },
);

test("the vault that is asked anew may know a way before the person is needed", async () => {
  const { begun, connector, window } = now();
  const client = await begun();
  const before = window.asked;
  connector.fault(wants(strong, 403, 1));
  connector.fault(wants('insufficient_scope", scope="write', 403, 1));
  expect(textIn(await client.call("echo", { text: "a" }))).toMatch(/wants a scope \(write\)/);
  expect(textIn(await client.call("echo", { text: "b" }))).toBe("b");
  expect(window.asked).toBe(before + 1);
});

test("a scope that no new credential has is told, and a plain 403 is the connector's own answer", async () => {
  const { begun, connector } = now();
  const client = await begun();
  connector.fault(wants('insufficient_scope", scope="repo admin:org', 403, 2));
  expect(textIn(await client.call("echo"))).toMatch(/wants a scope \(repo admin:org\)/);
  connector.fault({ rpc: "tools/call", status: 403 });
  expect(textIn(await client.call("echo"))).toMatch(/answered 403/);
  expect(connector.of("tools/call")).toHaveLength(3);
});
