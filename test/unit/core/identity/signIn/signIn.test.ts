import { describe, expect, it } from "vitest";
import { startAcme } from "../../../../../demo/demo.ts";
import type {
  ReceiverStart,
  RedirectReceiver,
  RedirectTaken,
  SignInPorts,
} from "../../../../../src/core/identity/session.ts";
import { english } from "../../../../../src/core/text.ts";
import { systemClock } from "../../../../../src/node/clock.ts";
import { startLoopback } from "../../../../../src/node/loopback.ts";
import { fakeClock } from "../../../../support/ports.ts";
import {
  altered,
  browsing,
  company,
  endOf,
  expectNothingLeft,
  needAt,
  never,
  shiftedClock,
  signedIn,
  userInfoStatus,
  userOf,
} from "../harness.ts";

const { demo, open } = company();

describe("signing in at a real identity provider", () => {
  it("ends with a session whose access token the IdP accepts", async () => {
    const editor = open();
    const person = browsing(userOf(demo()));
    const outcome = await editor.identity.signIn(needAt(demo()), person, never);
    expect(outcome).toMatchObject({
      kind: "signedIn",
      session: { issuer: demo().idp, clientId: "lanyard", subject: "alice", accountLabel: "alice" },
    });
    const answer = await editor.identity.fresh(needAt(demo()), { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    expect(await userInfoStatus(demo(), answer.session.accessToken.reveal())).toBe(200);
    expect(await person.page).toContain("You are signed in");
    expect(editor.changes).toMatchObject([{ added: [{ subject: "alice" }], changed: [], removed: [] }]);
  });

  it("writes no token into the log, and the error text of none", async () => {
    const editor = open();
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const [record = "{}"] = editor.secrets.entries.values();
    const { accessToken, refreshToken, idToken } = JSON.parse(record) as Record<string, string>;
    for (const token of [accessToken, refreshToken, idToken]) {
      expect(token).toMatch(/.{20}/);
      expect(editor.log.text()).not.toContain(token);
      expect(JSON.stringify([...editor.memory.entries])).not.toContain(token);
      expect(JSON.stringify(editor.changes)).not.toContain(token);
    }
  });
});

/** A loopback receiver that a test can look at afterwards. */
const watched = (): { start: () => Promise<RedirectReceiver | undefined>; uri: () => string } => {
  let receiver: RedirectReceiver | undefined;
  return {
    start: async () => {
      const started = await startLoopback({ clock: systemClock, page: () => "page" });
      receiver = started?.kind === "loopback" ? started : undefined;
      return receiver;
    },
    uri: () => receiver?.redirectUri ?? "",
  };
};

const isListening = (uri: string): Promise<boolean> =>
  fetch(uri).then(
    () => true,
    () => false,
  );

describe("a sign-in that ends early", () => {
  it("by the person's wish leaves no listener and no timer", async () => {
    const clock = fakeClock(Date.now());
    const editor = open({ clock });
    const cancel = new AbortController();
    const loopback = watched();
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      {
        ...browsing(userOf(demo())),
        receivers: [loopback.start],
        openBrowser: () => {
          cancel.abort();
          return Promise.resolve(true);
        },
      },
      cancel.signal,
    );
    expect(endOf(outcome)).toBe("cancelled");
    expect(await isListening(loopback.uri())).toBe(false);
    expect(clock.pending).toBe(0);
    await expectNothingLeft(editor);
  });

  it("before it began asks nobody", async () => {
    const editor = open();
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      browsing(userOf(demo())),
      AbortSignal.abort(),
    );
    expect(endOf(outcome)).toBe("cancelled");
  });

  it("because the window closes is cancelled", async () => {
    const editor = open();
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      {
        ...browsing(userOf(demo())),
        openBrowser: () => {
          editor.identity.dispose();
          return Promise.resolve(true);
        },
      },
      never,
    );
    expect(endOf(outcome)).toBe("cancelled");
  });

  it("because nobody came back in five minutes says so", async () => {
    const clock = fakeClock(Date.now());
    const editor = open({ clock });
    const loopback = watched();
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      {
        ...browsing(userOf(demo())),
        receivers: [loopback.start],
        openBrowser: () => {
          clock.advance(5 * 60_000);
          return Promise.resolve(true);
        },
      },
      never,
    );
    expect(endOf(outcome)).toBe("timedOut");
    expect(await isListening(loopback.uri())).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("because no browser was opened is cancelled", async () => {
    const editor = open();
    const ports = { ...browsing(userOf(demo())), openBrowser: () => Promise.resolve(false) };
    expect(endOf(await editor.identity.signIn(needAt(demo()), ports, never))).toBe("cancelled");
  });

  it("because the IdP is down says that it cannot be reached", async () => {
    const gone = await startAcme();
    await gone.close();
    const editor = open();
    const outcome = await editor.identity.signIn(needAt(gone), browsing(userOf(demo())), never);
    expect(outcome).toMatchObject({ failure: "unreachable", args: [new URL(gone.idp).host] });
  });

  it.each<[string, number, unknown, string]>([
    ["/token", 503, {}, "unreachable"],
    ["/token", 400, { error: "invalid_client", error_description: "unknown client" }, "unknownClient"],
    ["/request", 403, {}, "requestRefused"],
    ["/request", 400, { error: "invalid_redirect_uri" }, "requestRefused"],
    ["/request", 400, { error: "invalid_scope" }, "rejected"],
    ["/.well-known/openid-configuration", 500, {}, "unreachable"],
    ["/.well-known/openid-configuration", 200, { issuer: "https://evil.example" }, "wrongIssuer"],
  ])("because %s answers with %i %j", async (path, status, body, failure) => {
    const editor = open();
    editor.wire.tamper = (asked) =>
      Promise.resolve(asked === path ? Response.json(body, { status }) : undefined);
    const outcome = await editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe(failure);
    await expectNothingLeft(editor);
  });

  it("because the clocks differ says that it is the clock", async () => {
    const clock = shiftedClock();
    clock.shift(3_600_000);
    const editor = open({ clock });
    const outcome = await editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe("clockSkew");
    await expectNothingLeft(editor);
  });

  it("because the storage refuses gives the tokens back", async () => {
    const editor = open();
    editor.secrets.refusal = new Error("no keyring");
    const outcome = await editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe("storageFailed");
    await expect
      .poll(() => editor.wire.sent.filter(({ path }) => path === "/token/revocation").length)
      .toBe(2);
  });

  it("because the issuer is not secure sends nothing", async () => {
    const editor = open();
    const need = needAt(demo(), { issuer: "http://idp.example.com" });
    expect(endOf(await editor.identity.signIn(need, browsing(userOf(demo())), never))).toBe("rejected");
    expect(editor.wire.sent).toEqual([]);
  });

  it("because the IdP would have the browser go to an insecure page opens nothing", async () => {
    const editor = open();
    editor.wire.tamper = async (path, reach) =>
      path.startsWith("/.well-known/")
        ? altered(await reach(), () => ({ authorization_endpoint: "http://evil.example/auth" }))
        : undefined;
    const person = browsing(userOf(demo()));
    expect(endOf(await editor.identity.signIn(needAt(demo()), person, never))).toBe("rejected");
    expect(person.opened).toEqual([]);
  });
});

describe("receivers", () => {
  it("are tried in order: one that fails or cannot work here is passed over", async () => {
    const editor = open();
    const person = browsing(userOf(demo()));
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      {
        ...person,
        receivers: [
          () => Promise.reject(new Error("no port")),
          () => Promise.resolve(undefined),
          ...person.receivers,
        ],
      },
      never,
    );
    expect(endOf(outcome)).toBe("signedIn");
  });

  it("that start after the sign-in has ended are let go", async () => {
    const editor = open();
    const cancel = new AbortController();
    const loopback = watched();
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      {
        ...browsing(userOf(demo())),
        receivers: [
          async () => {
            cancel.abort();
            await new Promise((resolve) => setImmediate(resolve));
            return loopback.start();
          },
        ],
      },
      cancel.signal,
    );
    expect(endOf(outcome)).toBe("cancelled");
    await expect.poll(async () => loopback.uri() !== "" && !(await isListening(loopback.uri()))).toBe(true);
  });
});

describe("a registered redirect whose port is taken", () => {
  const taken = { kind: "taken", redirectUri: "http://localhost:8123/callback", port: 8123 } as const;
  const portsOn = (starts: readonly ReceiverStart[]): SignInPorts => {
    const left = [...starts];
    const answered: ReceiverStart = () =>
      (left.length > 1 ? left.shift() : left[0])?.() ?? Promise.resolve(undefined);
    return { ...browsing(userOf(demo())), receivers: [answered] };
  };

  it("by another program ends the sign-in, and names redirect, port and program", async () => {
    const editor = open();
    const start: ReceiverStart = () =>
      Promise.resolve<RedirectTaken>({ ...taken, isSignIn: false, program: "node (42)" });
    const outcome = await editor.identity.signIn(needAt(demo()), portsOn([start]), never);
    expect(outcome).toMatchObject({ kind: "failed", failure: "redirectTaken" });
    if (outcome.kind === "failed")
      expect(english(outcome.template, ...outcome.args)).toMatch(
        /comes back to http:\/\/localhost:8123\/callback, but node \(42\) has port 8123 /,
      );
  });

  it("by another window's sign-in is waited for, and said meanwhile", async () => {
    const editor = open();
    const held: ReceiverStart = () => Promise.resolve<RedirectTaken>({ ...taken, isSignIn: true });
    const free: ReceiverStart = () => startLoopback({ clock: systemClock, page: () => "page" });
    const said: string[] = [];
    const ports: SignInPorts = {
      ...portsOn([held, held, free]),
      showQueued: ({ port }) => {
        said.push(`waits for ${port}`);
        return { dispose: () => said.push("goes on") };
      },
    };
    expect(endOf(await editor.identity.signIn(needAt(demo()), ports, never))).toBe("signedIn");
    expect(said).toEqual(["waits for 8123", "goes on"]);
  });

  it("by another window's sign-in can be given up", async () => {
    const editor = open();
    const person = new AbortController();
    const start: ReceiverStart = () => Promise.resolve<RedirectTaken>({ ...taken, isSignIn: true });
    const ports: SignInPorts = {
      ...portsOn([start]),
      showQueued: () => {
        person.abort();
        return { dispose: () => undefined };
      },
    };
    expect(endOf(await editor.identity.signIn(needAt(demo()), ports, person.signal))).toBe("cancelled");
  });
});
