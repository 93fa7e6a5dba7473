import { describe, expect, it } from "vitest";
import { requireAcr, strengthened } from "../../../../../src/core/identity/signIn/requiredAcr.ts";
import { acrMfa, acrPassword } from "../../../../../demo/acr.ts";
import { browsing, company, endOf, needAt, never, signedIn, userOf } from "../harness.ts";

const { demo, open } = company();
const options = { signal: never };

describe("a policy that requires a kind of sign-in", () => {
  it("lets a session that was signed in so through", async () => {
    const { identity } = open();
    const guarded = requireAcr(identity, () => [acrMfa]);
    const outcome = await guarded.signIn(needAt(demo()), browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe("signedIn");
    expect(await guarded.fresh(needAt(demo()), options)).toMatchObject({
      kind: "active",
      session: { acr: acrMfa },
    });
  });

  it("demands a step-up of one that was signed in more weakly", async () => {
    const editor = open();
    const { acr } = await signedIn(editor, needAt(demo()), userOf(demo()));
    expect(acr).toBe(acrPassword);
    const guarded = requireAcr(editor.identity, () => [acrMfa]);
    expect(await guarded.fresh(needAt(demo()), options)).toEqual({
      kind: "stepUp",
      how: { kind: "reauthenticate", acrValues: [acrMfa] },
      reason: "Your administrator requires it.",
    });
  });

  it("hands the token of a weak session to no other extension either", async () => {
    const editor = open();
    const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
    expect(await requireAcr(editor.identity, () => [acrMfa]).stored(id)).toBeUndefined();
    expect(await requireAcr(editor.identity, () => [acrPassword]).stored(id)).toMatchObject({ id });
    expect(await requireAcr(editor.identity, () => [acrMfa]).list()).toMatchObject([{ id }]);
  });

  it.each([
    ["what a vault wants where that is strong enough", ["phr"], ["phr"]],
    ["its own where a vault wants less", ["pwd"], ["mfa", "phr"]],
    ["its own where nobody wants anything", [], ["mfa", "phr"]],
  ])("asks for %s", (_what, acrValues, expected) => {
    const request = { ...needAt(demo()), acrValues };
    expect(strengthened(request, ["mfa", "phr"]).acrValues).toEqual(expected);
    expect(strengthened(request, undefined)).toBe(request);
  });

  it("that requires nothing changes nothing", async () => {
    const editor = open();
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const guarded = requireAcr(editor.identity, () => undefined);
    expect(await guarded.fresh(needAt(demo()), options)).toMatchObject({ kind: "active" });
  });
});
