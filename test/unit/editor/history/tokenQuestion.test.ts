import { beforeEach, describe, expect, test } from "vitest";
import { tokenConsentHere } from "../../../../src/editor/history/tokenQuestion.ts";
import { editor } from "../../../support/editor/vscode.ts";
import { fakeClock } from "../../../support/ports.ts";
import { settle } from "../../core/connectors/acme.ts";

const wanted = { issuer: "https://idp.example.com", pid: 0 };
const waitMs = 5000;
const hourMs = 3_600_000;

beforeEach(() => editor.reset());

describe("the setting", () => {
  test.each([
    ["allow", "allowed"],
    ["never", "forbidden"],
    [undefined, "forbidden"],
    ["Ask", "forbidden"],
    [true, "forbidden"],
  ])("%j: %s, and nobody is asked", async (value, result) => {
    editor.settings.set("lanyard.tokenCommand", value);
    expect(await tokenConsentHere(fakeClock())(wanted, waitMs)).toEqual({ result });
    expect(editor.messages).toEqual([]);
  });

  test.each([
    ["a policy against team scripts", "lanyard.policy.teamScripts", false],
    ["a policy that cannot be read", "lanyard.policy.allowedIssuers", "everybody"],
  ])("yields to %s", async (_what, key, value) => {
    editor.settings.set("lanyard.tokenCommand", "allow");
    editor.settings.set(key, value);
    expect(await tokenConsentHere(fakeClock())(wanted, waitMs)).toEqual({ result: "forbidden" });
  });
});

describe("the person", () => {
  beforeEach(() => editor.settings.set("lanyard.tokenCommand", "ask"));

  test("is told whose token it is, and that the system does not say who asks", async () => {
    editor.answer = () => "Once";
    expect(await tokenConsentHere(fakeClock())(wanted, waitMs)).toEqual({ result: "allowed" });
    expect(editor.messages).toMatchObject([
      {
        kind: "warning",
        text: "A program asks for your own access token at idp.example.com. This system does not tell which. Who has it can act as you. Allow it?",
        buttons: ["No", "Once", "For an Hour", "For 8 Hours"],
      },
    ]);
  });

  test("who closes the question has said no", async () => {
    expect(await tokenConsentHere(fakeClock())(wanted, waitMs)).toEqual({ result: "denied" });
  });

  test("who says no is not asked again at once", async () => {
    const consent = tokenConsentHere(fakeClock());
    editor.answer = () => "No";
    await consent(wanted, waitMs);
    editor.answer = () => "For 8 Hours";
    expect(await consent(wanted, waitMs)).toEqual({ result: "denied" });
    expect(editor.messages).toHaveLength(1);
  });

  test.each([
    ["Once", 1, 2],
    ["For an Hour", hourMs - 1, 1],
    ["For an Hour", hourMs, 2],
    ["For 8 Hours", 8 * hourMs - 1, 1],
    ["For 8 Hours", 8 * hourMs, 2],
  ])("who chose %s is, %i ms later, asked %i times in all", async (label, laterMs, times) => {
    const clock = fakeClock();
    const consent = tokenConsentHere(clock);
    editor.answer = () => label;
    await consent(wanted, waitMs);
    clock.advance(laterMs);
    await consent(wanted, waitMs);
    await settle();
    expect(editor.messages).toHaveLength(times);
  });

  test("is told which program asks, where the system says so", async () => {
    editor.answer = () => "Once";
    const { program } = await tokenConsentHere(fakeClock())({ ...wanted, pid: process.pid }, waitMs);
    if (process.platform === "linux") expect(program).toBeDefined();
    if (program !== undefined) expect(editor.messages[0]?.text).toContain(program);
  });
});
