import { beforeEach, describe, expect, test } from "vitest";
import { BackgroundFollower } from "../../../src/core/connectors/wait/backgroundFollower.ts";
import { UserActions } from "../../../src/core/connectors/wait/userActions.ts";
import { Emitter } from "../../../src/core/emitter.ts";
import { failed } from "../../../src/core/identity/failures.ts";
import type { IdentityService, SessionChange, SessionInfo } from "../../../src/core/identity/session.ts";
import { SignIn } from "../../../src/editor/identity/signIn.ts";
import { SignInWait } from "../../../src/editor/identity/signInWait.ts";
import { Interactions } from "../../../src/editor/interactions.ts";
import { CancellationError, editor } from "../../support/editor/vscode.ts";
import { grants } from "../../support/grants.ts";
import { acme, settle, type Acme } from "../core/connectors/acme.ts";

const session: SessionInfo = {
  ...{ id: "alice's", issuer: "https://idp.example.com", clientId: "lanyard", subject: "alice" },
  ...{ accountLabel: "Alice", scopes: ["openid", "profile"], signedInAtMs: 0 },
};

type Cause = SessionChange["removed"][number]["cause"];

interface Scene extends Acme {
  readonly acts: UserActions;
  readonly wait: SignInWait;
  readonly stepUp: () => Promise<void>;
  readonly removed: (id: string, cause: Cause) => void;
}

/** Salesforce wants a stronger sign-in, whose page is open in the browser until something ends it. */
const scene = async (): Promise<Scene> => {
  const made = acme();
  made.vault.says(grants.reauthenticate());
  await made.waits.check(made.connector.id, new AbortController().signal);
  const { board, waits, clock, log, pipeline, connector } = made;
  const [acts, wait, changes] = [new UserActions(), new SignInWait(), new Emitter<SessionChange>()];
  const identity: Pick<IdentityService, "signIn"> = {
    signIn: (_request, _ports, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(failed("cancelled", session.issuer)), { once: true });
      }),
  };
  const signIn = new SignIn({
    wait,
    identity: () => Promise.resolve(identity),
    receivers: () => Promise.resolve([]),
    knownFor: () => ({}),
    settle: () => Promise.resolve(),
    connectors: () => [connector],
  });
  const standby = new BackgroundFollower({ pipeline, waits, actions: acts });
  const interactions = new Interactions({
    ...{ board, waits, acts, standby, signIn, clock, log },
    identity: { list: () => Promise.resolve([session]), onDidChange: changes.event },
  });
  const removed: Scene["removed"] = (id, cause) =>
    changes.fire({ added: [], changed: [], removed: [{ ...session, id, cause }] });
  return { ...made, acts, wait, stepUp: () => interactions.attend(connector.id), removed };
};

beforeEach(() => editor.reset());

describe("a stronger sign-in that waits for the browser", () => {
  test("is ended by a sign-out of its account: nobody is signed in again by a page that is still open", async () => {
    const { acts, wait, stepUp, removed, connector } = await scene();
    const running = stepUp();
    await settle();
    expect([acts.of(connector.id), wait.underWay?.host]).toEqual(["signIn", "idp.example.com"]);
    removed(session.id, "never");
    await expect(running).rejects.toBeInstanceOf(CancellationError);
    expect([acts.of(connector.id), wait.underWay, editor.messages]).toEqual([undefined, undefined, []]);
  });

  test.each<[string, string, Cause]>([
    ["another account is signed out", "bob's", "never"],
    ["the session expires, which it mends", session.id, "expired"],
    ["the session is revoked, of which the identity provider judges", session.id, "revoked"],
  ])("goes on where %s", async (_what, id, cause) => {
    const { acts, stepUp, removed, connector } = await scene();
    const running = stepUp();
    await settle();
    removed(id, cause);
    await settle();
    expect(acts.of(connector.id)).toBe("signIn");
    acts.cancel(connector.id);
    await running;
    expect(acts.of(connector.id)).toBeUndefined();
  });
});
