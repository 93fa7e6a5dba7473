import { beforeEach, describe, expect, test } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { failed } from "../../../../src/core/identity/failures.ts";
import type {
  IdentityService,
  SessionInfo,
  SignInOutcome,
  SignInPorts,
  SignInRequest,
} from "../../../../src/core/identity/session.ts";
import { SignIn } from "../../../../src/editor/identity/signIn.ts";
import { SignInWait } from "../../../../src/editor/identity/signInWait.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { CancellationError, editor } from "../../../support/editor/vscode.ts";
import { settle } from "../../core/connectors/acme.ts";

const github = connectorNamed("github");
const otherIdp = connectorNamed("linear", {
  userAuth: { issuer: "https://login.example.org", clientId: "acme", scopes: ["openid"] },
});
const session: SessionInfo = {
  ...{ id: "s", issuer: "https://idp.example.com", clientId: "lanyard", subject: "ada", accountLabel: "Ada" },
  ...{ scopes: ["openid"], signedInAtMs: 0 },
};

type Answer = (request: SignInRequest, ports: SignInPorts, signal: AbortSignal) => Promise<SignInOutcome>;

interface Scene {
  readonly signIn: SignIn;
  readonly wait: SignInWait;
  readonly requests: readonly SignInRequest[];
  readonly outcomes: readonly SignInOutcome["kind"][];
  /** Whose accounts the folders were asked about, and which one was meant. */
  readonly settled: readonly unknown[];
}

const scene = (answer: Answer, connectors: readonly Connector[] = [github]): Scene => {
  const wait = new SignInWait();
  const requests: SignInRequest[] = [];
  const outcomes: SignInOutcome["kind"][] = [];
  const settled: unknown[] = [];
  const identity: Pick<IdentityService, "signIn"> = {
    signIn: (request, ports, signal) => {
      requests.push(request);
      return answer(request, ports, signal);
    },
  };
  const signIn = new SignIn({
    wait,
    identity: () => Promise.resolve(identity as IdentityService),
    receivers: () => Promise.resolve([]),
    knownFor: () => ({}),
    settle: (...settledBy) => {
      settled.push(settledBy);
      return Promise.resolve();
    },
    connectors: () => connectors,
    onEnd: ({ kind }) => outcomes.push(kind),
  });
  return { signIn, wait, requests, outcomes, settled };
};

const succeeds: Answer = () => Promise.resolve({ kind: "signedIn", session });
const untilAborted: Answer = (_request, _ports, signal) =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(failed("cancelled", "https://idp.example.com")), {
      once: true,
    });
  });

beforeEach(() => editor.reset());

describe("what is signed in for", () => {
  test("is what the one connector needs, with the scopes that were asked for besides", async () => {
    const { signIn, requests, settled } = scene(succeeds);
    expect(await signIn.run({ scopes: ["offline_access", "openid"] })).toBe(session);
    expect(settled).toEqual([[session, undefined]]);
    expect(requests).toEqual([{ ...github.userAuth, scopes: ["openid", "profile", "offline_access"] }]);
  });

  test("is asked where several identity providers are meant", async () => {
    const { signIn, requests } = scene(succeeds, [github, otherIdp]);
    editor.pick = ({ labels }) => labels.find((label) => label === "login.example.org");
    await signIn.run({ scopes: [] });
    expect(editor.picks).toMatchObject([
      { labels: ["idp.example.com", "login.example.org"], title: "Sign in" },
    ]);
    expect(requests).toEqual([otherIdp.userAuth]);
  });

  test("is not asked where the caller names it", async () => {
    const { signIn, requests } = scene(succeeds, [github, otherIdp]);
    await signIn.run({ issuer: "https://login.example.org", scopes: [] });
    expect([editor.picks, requests]).toEqual([[], [otherIdp.userAuth]]);
  });

  test("has to be what an approved connector names", async () => {
    const { signIn, requests } = scene(succeeds, []);
    await expect(signIn.run({ scopes: [] })).rejects.toThrow(
      "No approved connector here names this identity provider.",
    );
    expect(requests).toEqual([]);
  });

  test("is nothing when the question is closed", async () => {
    const { signIn, requests } = scene(succeeds, [github, otherIdp]);
    await expect(signIn.run({ scopes: [] })).rejects.toBeInstanceOf(CancellationError);
    expect(requests).toEqual([]);
  });
});

describe("a sign-in", () => {
  test("shows its progress with what it waits for, and the ways on, until it is over", async () => {
    const { signIn, wait } = scene(async (_request, ports) => {
      expect(editor.progress).toEqual(["Signing in at idp.example.com…"]);
      ports.showWaiting?.({ url: "https://idp.example.com/authorize", paste: () => false });
      expect(wait.underWay).toMatchObject({ host: "idp.example.com", waiting: { kind: "browser" } });
      await settle();
      return { kind: "signedIn", session };
    });
    await signIn.run({ scopes: [] });
    expect(editor.reports.at(-1)).toBe(
      "Continue in your browser. [Open Page Again](command:lanyard.openSignInPage) · [Copy Link](command:lanyard.copySignInLink) · [Paste the Address…](command:lanyard.pasteSignInAddress)",
    );
    expect([editor.progress, wait.underWay]).toEqual([[], undefined]);
  });

  test.each([
    ["by the progress's button", () => editor.cancelProgress()],
    ["by the way on", (wait: SignInWait) => wait.cancel()],
  ])("is cancelled %s: nobody is told, and it is not remembered as a failure", async (_by, cancel) => {
    const { signIn, wait } = scene(untilAborted);
    const running = signIn.run({ scopes: [] });
    await settle();
    cancel(wait);
    await expect(running).rejects.toBeInstanceOf(CancellationError);
    expect([editor.messages, signIn.failures(), wait.underWay]).toEqual([[], [], undefined]);
  });

  test("is ended from outside", async () => {
    const { signIn } = scene(untilAborted);
    const end = new AbortController();
    const running = signIn.run({ scopes: [] }, { signal: end.signal });
    await settle();
    end.abort();
    await expect(running).rejects.toBeInstanceOf(CancellationError);
  });

  describe("that waits while a policy changes", () => {
    const elsewhere = ["https://other.example.com"];

    test("ends with the policy's own sentence where it is forbidden now", async () => {
      const { signIn, wait } = scene(untilAborted);
      const running = signIn.run({ scopes: [] });
      await settle();
      editor.set("lanyard.policy.allowedIssuers", elsewhere);
      await expect(running).rejects.toMatchObject({
        name: "SignInError",
        message:
          "Blocked by your administrator: the identity provider https://idp.example.com is not one that the setting lanyard.policy.allowedIssuers allows.",
      });
      expect([signIn.failures(), wait.underWay]).toEqual([[], undefined]);
    });

    test("goes on while one connector that it is for is allowed", async () => {
      const script = connectorNamed("jira", {
        helper: { kind: "script", command: "./headers.sh", stdin: false },
      });
      const { signIn, wait } = scene(untilAborted, [script, github]);
      const running = signIn.run({ scopes: [] });
      await settle();
      editor.set("lanyard.policy.teamScripts", false);
      await settle();
      expect(wait.underWay).toBeDefined();
      wait.cancel();
      await expect(running).rejects.toBeInstanceOf(CancellationError);
    });
  });

  test("that failed is told in a sentence, and remembered until one for the same succeeds", async () => {
    let isDown = true;
    const { signIn, outcomes } = scene(() =>
      Promise.resolve(
        isDown ? failed("unreachable", "https://idp.example.com") : { kind: "signedIn", session },
      ),
    );
    await expect(signIn.run({ scopes: [] })).rejects.toMatchObject({
      name: "SignInError",
      failure: "unreachable",
      message: expect.stringContaining("idp.example.com") as string,
    });
    expect(signIn.failures()).toMatchObject([{ need: github.userAuth, outcome: { failure: "unreachable" } }]);
    isDown = false;
    await signIn.run({ scopes: [] });
    expect(signIn.failures()).toEqual([]);
    expect(outcomes).toEqual(["failed", "signedIn"]);
  });

  test("that was granted less than it asked for stands, and says what is missing", async () => {
    const { signIn } = scene(() =>
      Promise.resolve({ kind: "signedIn", session, notGranted: ["repo", "admin"] }),
    );
    expect(await signIn.run({ scopes: [] })).toBe(session);
    await settle();
    expect(editor.messages).toMatchObject([{ kind: "warning" }]);
    expect(editor.messages[0]?.text).toContain("Missing: repo admin.");
  });

  test("waits for the one before it, also when that fails", async () => {
    const order: string[] = [];
    let count = 0;
    const { signIn } = scene(async () => {
      const number = (count += 1);
      order.push(`begins ${number}`);
      await settle();
      order.push(`ends ${number}`);
      return number === 1 ? failed("unreachable", "https://idp.example.com") : { kind: "signedIn", session };
    });
    await Promise.allSettled([signIn.run({ scopes: [] }), signIn.run({ scopes: [] })]);
    expect(order).toEqual(["begins 1", "ends 1", "begins 2", "ends 2"]);
  });

  test("at one of two identity providers that look alike asks first, in a dialog that names both", async () => {
    const answers: boolean[] = [];
    const { signIn } = scene(async (_request, ports) => {
      answers.push(
        (await ports.confirmIndistinct?.("https://idp.example.com", ["https://login.example.org"])) ?? false,
      );
      return { kind: "signedIn", session };
    });
    await signIn.run({ scopes: [] });
    editor.answer = () => "Go On";
    await signIn.run({ scopes: [] });
    expect(answers).toEqual([false, true]);
    expect(editor.messages[0]).toMatchObject({ modal: true, kind: "warning", buttons: ["Go On"] });
    expect(editor.messages[0]?.detail).toContain("login.example.org");
  });
});

describe("whoever asks the editor for a sign-in", () => {
  const { issuer, clientId } = github.userAuth;

  test.each([
    [
      "an issuer that nobody approved",
      { issuer: "https://idp.attacker.example", clientId, scopes: ["openid"] },
    ],
    ["an approved issuer with another client", { issuer, clientId: "attacker", scopes: ["openid"] }],
    ["an approved issuer's look-alike", { issuer: `${issuer}/`, clientId, scopes: [] }],
  ])("%s is not signed in at", async (_what, asked) => {
    const { signIn, requests } = scene(succeeds);
    await expect(signIn.run(asked)).rejects.toThrow(
      "No approved connector here names this identity provider.",
    );
    expect(requests).toEqual([]);
  });

  test("gets none where nothing is approved", async () => {
    const { signIn, requests } = scene(succeeds, []);
    await expect(signIn.run({ issuer, clientId, scopes: [] })).rejects.toThrow("No approved connector");
    await expect(signIn.run({ scopes: [] })).rejects.toThrow("No approved connector");
    expect(requests).toEqual([]);
  });

  test("signs in at an approved one with the scopes of its connectors too", async () => {
    const { signIn, requests } = scene(() => Promise.resolve(failed("denied", issuer)));
    await expect(signIn.run({ issuer, scopes: ["email"] })).rejects.toThrow();
    expect(requests).toMatchObject([{ issuer, clientId, scopes: ["openid", "profile", "email"] }]);
  });
});
