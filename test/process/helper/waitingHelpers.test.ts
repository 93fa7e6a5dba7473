import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openAcmeWindow, type AcmeWindow } from "../../support/acmeWindow.ts";
import { headersOf, unsendable } from "../contract.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Real launchers, a real agent and the demo company's vault: what a helper does while the person acts. */
let acme: AcmeWindow;
beforeAll(async () => {
  acme = await openAcmeWindow();
});
afterAll(() => acme[Symbol.asyncDispose]());

beforeEach(() => acme.setPolicy("salesforce", { state: "step-up", method: "push" }));
/** Nothing is waited for any more. */
afterEach(async () => {
  acme.standby.cancel(acme.idOf("salesforce"));
  await expect.poll(() => [acme.acts.size, acme.waits.size]).toEqual([0, 0]);
});

/** Whoever ends sooner has not waited in vain. */
const itsDeadlineMs = 7_000;

const statusOf = (name: string): string | undefined => acme.board.get(acme.idOf(name))?.status.kind;

const credential = (stdout: string): string | undefined =>
  /^Bearer (acme_\S+)$/.exec(String(headersOf(stdout)["Authorization"]))?.[1];

describe("a helper that arrives while the person is asked on their phone", () => {
  test("prints headers the moment it is approved", async () => {
    const helper = awaitedLater(acme.helper("salesforce"));
    await acme.decide(await acme.pushOf("salesforce"), "approve");
    const ran = await helper;
    expect(ran.tookMs).toBeLessThan(itsDeadlineMs);
    expect(credential(ran.stdout)).toBeDefined();
    expect(ran.exitCode).toBe(0);
    expect(statusOf("salesforce")).toBe("granted");
  });

  test("shares one wait with all the others: one push, one grant, a handful of questions", async () => {
    const before = (await acme.audit("salesforce")).length;
    const helpers = Promise.all(Array.from({ length: 5 }, () => acme.helper("salesforce")));
    const push = await acme.pushOf("salesforce");
    await expect.poll(() => acme.board.get(acme.idOf("salesforce"))?.status.kind).toBe("stepUp");
    await acme.decide(push, "approve");
    const printed = (await helpers).map(({ stdout }) => credential(stdout));
    expect(new Set(printed).size).toBe(1);
    const outcomes = (await acme.audit("salesforce")).slice(before).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "granted")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "push").length).toBeLessThanOrEqual(2);
  });

  test("prints the refusal at once when it is rejected", async () => {
    const helper = awaitedLater(acme.helper("salesforce"));
    await acme.decide(await acme.pushOf("salesforce"), "reject");
    expect(unsendable(await helper)).toContain("Not approved by the person who was asked");
  });

  test("leaves at its deadline with a sentence, while the window waits on for the next one", async () => {
    const ran = await acme.helper("salesforce", { LANYARD_DEADLINE_SECONDS: "2" });
    expect(unsendable(ran)).toMatch(/Approve the request on your device \(.*code \d{4}\)/);
    expect(acme.acts.of(acme.idOf("salesforce"))).toBe("elsewhere");
    await acme.decide(await acme.pushOf("salesforce"), "approve");
    await expect.poll(() => statusOf("salesforce")).toBe("granted");
    expect(credential((await acme.helper("salesforce")).stdout)).toBeDefined();
  });

  test("is told at once when the person cancels the wait", async () => {
    const helper = awaitedLater(acme.helper("salesforce"));
    await acme.pushOf("salesforce");
    await expect.poll(() => acme.acts.of(acme.idOf("salesforce"))).toBe("elsewhere");
    acme.standby.cancel(acme.idOf("salesforce"));
    const ran = await helper;
    expect(unsendable(ran)).toContain("Approve the request on your device");
    expect(ran.tookMs).toBeLessThan(itsDeadlineMs);
  });
});

describe("a helper whose connector needs an account", () => {
  const link = async (): Promise<string> => {
    const text = unsendable(await acme.helper("notion"));
    const [url] = /http:\/\/\S+$/.exec(text) ?? [];
    if (url === undefined) throw new Error(`No address in: ${text}`);
    return url;
  };

  test("says the address at once while nobody acts", async () => {
    const ran = await acme.helper("notion");
    expect(unsendable(ran)).toMatch(/authorized once.* Open http:\/\/127\.0\.0\.1:\d+\/requests\//);
    expect(ran.tookMs).toBeLessThan(itsDeadlineMs);
  });

  test("waits while the person is at that address, and prints headers the moment it is done", async () => {
    const url = await link();
    const following = acme.acts.run(acme.idOf("notion"), "browser", async (signal) => {
      const acting = acme.waits.expectChange(acme.idOf("notion"));
      await acme.waits.follow(acme.idOf("notion"), signal).finally(() => acting.dispose());
    });
    const helper = awaitedLater(acme.helper("notion"));
    await (await fetch(url, { method: "POST" })).body?.cancel();
    expect(credential((await helper).stdout)).toBeDefined();
    await following;
  });
});
