import { describe, expect, it } from "vitest";
import type { SignInPorts } from "../../../../../src/core/identity/session.ts";
import { Browserless } from "../../../../support/browserless.ts";
import {
  altered,
  company,
  endOf,
  expectNothingLeft,
  needAt,
  never,
  userOf,
  withoutEndpoints,
  type Wire,
} from "../harness.ts";

const { demo, open } = company();

type DeviceCode = Parameters<SignInPorts["showDeviceCode"]>[0];

interface Screen extends SignInPorts {
  readonly codes: readonly DeviceCode[];
  readonly isShown: () => boolean;
}

/** A person whose browser cannot reach this machine: they see a code, and go with it where they like. */
const atAnotherMachine = (act: (code: DeviceCode) => void): Screen => {
  const codes: DeviceCode[] = [];
  let shown = 0;
  return {
    codes,
    isShown: () => shown > 0,
    receivers: [() => Promise.resolve(undefined)],
    openBrowser: () => Promise.reject(new Error("There is no browser here.")),
    showDeviceCode: (code) => {
      codes.push(code);
      shown += 1;
      act(code);
      return { dispose: () => (shown -= 1) };
    },
  };
};

/** An IdP that lets itself be asked often, so that no test waits the usual five seconds. */
const quick =
  (onPoll?: () => Response): NonNullable<Wire["tamper"]> =>
  async (path, reach) => {
    if (path === "/device/auth") return altered(await reach(), () => ({ interval: 0.02 }));
    return path === "/token" ? onPoll?.() : undefined;
  };

describe("where no redirect can come back", () => {
  it("the person types a code in any browser, and is signed in", async () => {
    const editor = open();
    editor.wire.tamper = quick();
    const screen = atAnotherMachine(({ verificationUriComplete = "" }) => {
      void new Browserless().visit(new URL(verificationUriComplete), userOf(demo()));
    });
    const outcome = await editor.identity.signIn(needAt(demo()), screen, never);
    expect(outcome).toMatchObject({ kind: "signedIn", session: { subject: "alice" } });
    expect(screen.codes).toMatchObject([
      { userCode: expect.stringMatching(/^\w{4}-\w{4}$/) as string, verificationUri: `${demo().idp}/device` },
    ]);
    expect(screen.isShown()).toBe(false);
  });

  it.each<[string, string]>([
    ["access_denied", "denied"],
    ["expired_token", "timedOut"],
    ["invalid_grant", "rejected"],
  ])("the answer %s ends the wait", async (error, failure) => {
    const editor = open();
    editor.wire.tamper = quick(() => Response.json({ error }, { status: 400 }));
    const screen = atAnotherMachine(() => undefined);
    expect(endOf(await editor.identity.signIn(needAt(demo()), screen, never))).toBe(failure);
    expect(screen.isShown()).toBe(false);
    await expectNothingLeft(editor);
  });

  it("cancelling ends it at once, in the middle of a pause between two polls", async () => {
    const editor = open();
    const cancel = new AbortController();
    const screen = atAnotherMachine(() => setImmediate(() => cancel.abort()));
    const startedMs = performance.now();
    expect(endOf(await editor.identity.signIn(needAt(demo()), screen, cancel.signal))).toBe("cancelled");
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(screen.isShown()).toBe(false);
  });

  it("an IdP without the device flow leaves no way", async () => {
    const editor = open();
    editor.wire.tamper = withoutEndpoints("device_authorization_endpoint");
    const screen = atAnotherMachine(() => undefined);
    expect(endOf(await editor.identity.signIn(needAt(demo()), screen, never))).toBe("notPossibleHere");
  });

  it("a page to type the code in that is not secure is not shown", async () => {
    const editor = open();
    editor.wire.tamper = async (path, reach) =>
      path === "/device/auth"
        ? altered(await reach(), () => ({ verification_uri: "http://evil.example/device" }))
        : undefined;
    const screen = atAnotherMachine(() => undefined);
    expect(endOf(await editor.identity.signIn(needAt(demo()), screen, never))).toBe("rejected");
    expect(screen.codes).toEqual([]);
  });
});
