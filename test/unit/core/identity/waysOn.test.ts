import { describe, expect, it } from "vitest";
import type { BrowserWait, SignInPorts } from "../../../../src/core/identity/session.ts";
import { Browserless, signInOverHttp } from "../../../support/browserless.ts";
import { altered, browsing, company, endOf, needAt, never, userOf, withoutEndpoints } from "./harness.ts";

const { demo, open } = company();

/** A browser that never comes back by itself, and a person who goes on as `act` says. */
const stranded = (act: (wait: BrowserWait) => void): SignInPorts & { readonly ended: () => boolean } => {
  let ended = false;
  return {
    ...browsing(userOf(demo()), { act: () => new Promise(() => undefined) }),
    showWaiting: (wait) => {
      act(wait);
      return {
        dispose: () => {
          ended = true;
        },
      };
    },
    ended: () => ended,
  };
};

describe("while the browser is out", () => {
  it("the address that it ended at, wherever that was, can be brought by hand", async () => {
    const editor = open();
    const taken: boolean[] = [];
    const person = stranded((wait) => {
      void signInOverHttp(new URL(wait.url), userOf(demo())).then((redirect) => {
        taken.push(
          wait.paste("nonsense"),
          wait.paste("https://idp.example.com/error?code=c&state=another"),
          wait.paste(
            `https://tunnel.example.com/elsewhere?state=${redirect.searchParams.get("state") ?? ""}`,
          ),
          wait.paste(` https://tunnel.example.com/elsewhere${redirect.search} `),
        );
      });
    });
    expect(endOf(await editor.identity.signIn(needAt(demo()), person, never))).toBe("signedIn");
    expect(taken).toEqual([false, false, false, true]);
    expect(person.ended()).toBe(true);
  });

  it("the person can go on by a code", async () => {
    const editor = open();
    editor.wire.tamper = async (path, reach) =>
      path === "/device/auth" ? altered(await reach(), () => ({ interval: 0.02 })) : undefined;
    const person: SignInPorts = {
      ...stranded((wait) => wait.useCode?.()),
      showDeviceCode: ({ verificationUriComplete, verificationUri }) => {
        void new Browserless().visit(new URL(verificationUriComplete ?? verificationUri), userOf(demo()));
        return { dispose: () => undefined };
      },
    };
    expect(endOf(await editor.identity.signIn(needAt(demo()), person, never))).toBe("signedIn");
  });

  it("a code is offered only where the identity provider has the device flow", async () => {
    const editor = open();
    editor.wire.tamper = withoutEndpoints("device_authorization_endpoint");
    const end = new AbortController();
    let offered: boolean | undefined;
    const person = stranded((wait) => {
      offered = wait.useCode !== undefined;
      end.abort();
    });
    expect(endOf(await editor.identity.signIn(needAt(demo()), person, end.signal))).toBe("cancelled");
    expect(offered).toBe(false);
    expect(person.ended()).toBe(true);
  });
});
