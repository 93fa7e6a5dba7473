import { beforeEach, describe, expect, test } from "vitest";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import type { Need } from "../../../../src/core/connectors/wording/attention.ts";
import type { GrantState } from "../../../../src/core/connectors/board/status.ts";
import { Notifications } from "../../../../src/editor/status/notifications.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { grants } from "../../../support/grants.ts";
import { memoryMemory, type MemoryMemory } from "../../../support/ports.ts";
import { editor } from "../../../support/editor/vscode.ts";
import { acme, settle, type Acme } from "../../core/connectors/acme.ts";

const settleMs = 800;

interface Scene extends Acme {
  readonly acts: UserActions;
  readonly memory: MemoryMemory;
  readonly workspaceMemory: MemoryMemory;
  /** What a button of a notification did. */
  readonly run: readonly Need[];
  readonly errors: readonly unknown[];
  /** Records an answer for a connector. */
  readonly answer: (name: string, finding: GrantState) => void;
  readonly isInSight: { value: boolean };
}

const scene = (names: readonly string[], standing: "approved" | "unapproved" = "approved"): Scene => {
  const company = acme();
  const { board, clock } = company;
  const [acts, memory, workspaceMemory] = [new UserActions(), memoryMemory(), memoryMemory()];
  const run: Need[] = [];
  const errors: unknown[] = [];
  const isInSight = { value: false };
  company.load(
    names.map((name) => connectorNamed(name)),
    standing,
  );
  new Notifications({
    ...{ board, acts, clock, memory, workspaceMemory },
    isInSight: () => isInSight.value,
    run: (need) => {
      run.push(need);
      return Promise.resolve();
    },
    onError: (error) => errors.push(error),
  });
  const answer: Scene["answer"] = (name, finding) =>
    board.record(connectorNamed(name).id, finding, {
      answeredBy: "vault.example.com",
      atMs: clock.now(),
      traceId: "trace",
    });
  return { ...company, acts, memory, workspaceMemory, run, errors, answer, isInSight };
};

const texts = (): readonly string[] => editor.messages.map(({ text }) => text);

beforeEach(() => editor.reset());

describe("a notification", () => {
  test("waits until what changes together has changed, and is one for all", () => {
    const { answer, clock } = scene(["notion", "github"]);
    answer("notion", grants.signedOut());
    clock.advance(settleMs - 1);
    answer("github", grants.signedOut());
    clock.advance(settleMs - 1);
    expect(texts()).toEqual([]);
    clock.advance(1);
    expect(texts()).toEqual(["2 connectors need you to sign in."]);
  });

  test("is not given twice for one cause", () => {
    const { answer, clock } = scene(["notion"]);
    for (let times = 0; times < 2; times += 1) {
      answer("notion", grants.needsConnection());
      clock.advance(settleMs);
    }
    expect(texts()).toEqual(["notion needs your account to be connected once."]);
  });

  test("is not given where the person has turned them off", () => {
    editor.settings.set("lanyard.notifications", "off");
    const { answer, clock } = scene(["notion"]);
    answer("notion", grants.needsConnection());
    clock.advance(settleMs);
    expect(texts()).toEqual([]);
  });

  test("waits while the person is busy with their connectors", () => {
    const { acts, answer, clock } = scene(["notion"]);
    const busy = acts.busy();
    answer("notion", grants.needsConnection());
    clock.advance(settleMs);
    expect(texts()).toEqual([]);
    busy.dispose();
    clock.advance(settleMs);
    expect(texts()).toHaveLength(1);
  });
});

describe("its buttons", () => {
  test("the first does what is needed", async () => {
    editor.answer = ({ buttons }) => buttons[0];
    const { answer, clock, run } = scene(["notion"]);
    answer("notion", grants.needsConnection());
    clock.advance(settleMs);
    await settle();
    expect(run).toMatchObject([{ kind: "connect", name: "notion" }]);
  });

  test("one that comes too late leads to the view instead", async () => {
    const { answer, board, clock, run } = scene(["notion"]);
    editor.answer = ({ buttons }) => {
      board.record(
        connectorNamed("notion").id,
        { kind: "granted" },
        { answeredBy: "v", atMs: 0, traceId: "t" },
      );
      return buttons[0];
    };
    answer("notion", grants.needsConnection());
    clock.advance(settleMs);
    await settle();
    expect(run).toEqual([]);
    expect(editor.executed).toContainEqual(["lanyard.connectors.focus"]);
  });

  test('"Don\'t Ask Again" holds, for this connector alone', async () => {
    editor.answer = ({ buttons }) => buttons.find((each) => each.startsWith("Don't"));
    const { answer, clock, memory } = scene(["notion", "github"]);
    answer("github", { kind: "granted" });
    answer("notion", grants.needsConnection());
    clock.advance(settleMs);
    await settle();
    expect(memory.get("lanyard.muted.v1")).toEqual([connectorNamed("notion").id]);
    editor.messages.length = 0;
    answer("notion", grants.signedOut());
    clock.advance(settleMs);
    expect(texts()).toEqual([]);
    answer("github", grants.needsConnection());
    clock.advance(settleMs);
    expect(texts()).toEqual(["github needs your account to be connected once."]);
  });
});

describe("the review of connectors", () => {
  test("is offered once a workspace", () => {
    const { clock, workspaceMemory } = scene(["notion", "github"], "unapproved");
    clock.advance(settleMs);
    expect(texts()).toEqual([
      "2 connectors can get their credentials through Lanyard once you have reviewed them.",
    ]);
    expect(workspaceMemory.get("lanyard.reviewOffered.v1")).toBe(true);
  });

  test("is not offered to whoever has the connectors before them", () => {
    const { clock, isInSight } = scene(["notion"], "unapproved");
    isInSight.value = true;
    clock.advance(settleMs);
    expect(texts()).toEqual([]);
  });
});
