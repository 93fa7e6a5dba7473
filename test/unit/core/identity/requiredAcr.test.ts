import { describe, expect, it } from "vitest";
import { requireAcr } from "../../../../src/core/identity/requiredAcr.ts";
import { acrMfa, acrPassword } from "../../../../demo/acr.ts";
import { browsing, company, endOf, needAt, never, signedIn, userOf } from "./harness.ts";

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

  it("asks for what a vault wants where that is strong enough, else for its own", async () => {
    const asked: (readonly string[] | undefined)[] = [];
    const guarded = requireAcr(
      {
        fresh: () => Promise.resolve({ kind: "signedOut", cause: "never" }),
        signIn: (request) => {
          asked.push(request.acrValues);
          return Promise.reject(new Error("far enough"));
        },
      },
      () => ["mfa", "phr"],
    );
    for (const acrValues of [["phr"], ["pwd"], [], undefined]) {
      const request = { ...needAt(demo()), ...(acrValues === undefined ? {} : { acrValues }) };
      await guarded.signIn(request, browsing(userOf(demo())), never).catch(() => undefined);
    }
    expect(asked).toEqual([["phr"], ["mfa", "phr"], ["mfa", "phr"], ["mfa", "phr"]]);
  });

  it("that requires nothing changes nothing", async () => {
    const editor = open();
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const guarded = requireAcr(editor.identity, () => undefined);
    expect(await guarded.fresh(needAt(demo()), options)).toMatchObject({ kind: "active" });
  });
});
