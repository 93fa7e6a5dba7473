import { beforeEach, describe, expect, test } from "vitest";
import type { Connector } from "../../../src/core/config/connector.ts";
import { Board } from "../../../src/core/connectors/board/board.ts";
import { Approvals } from "../../../src/core/connectors/permission/approval.ts";
import { ReviewPanel } from "../../../src/editor/review.ts";
import { catalogueOf, connectorNamed } from "../../support/connectors.ts";
import { editor, panels, type WebviewPanel } from "../../support/editor/vscode.ts";
import { memoryMemory } from "../../support/ports.ts";
import { settle } from "../core/connectors/acme.ts";

const [github, linear] = [connectorNamed("github"), connectorNamed("linear")];
const lookAlike = connectorNamed("gіthub");

interface Scene {
  readonly board: Board;
  readonly approvals: Approvals;
  readonly review: ReviewPanel;
  readonly errors: readonly unknown[];
  /** Presses a button of the page as it is drawn now. */
  readonly press: (act: string, key?: number) => Promise<void>;
  readonly approved: () => Promise<readonly string[]>;
}

const page = (): WebviewPanel => {
  const panel = panels.at(-1);
  if (panel === undefined) throw new Error("No page was opened.");
  return panel;
};

const drawn = (): { readonly content: string; readonly version: number; readonly focus?: string } =>
  page().posted.at(-1) as { content: string; version: number };

/** Work that has begun has gone as far as it can: hashes are made elsewhere. */
const idle = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) {
    await settle();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

const scene = (
  connectors: readonly Connector[],
  trusted: (one: Connector) => boolean = () => true,
): Scene => {
  const board = new Board();
  const approvals = new Approvals(memoryMemory());
  const errors: unknown[] = [];
  const load = async (): Promise<void> => {
    const known = await approvals.permissions(connectors);
    board.load(catalogueOf(connectors), (each) =>
      trusted(each) ? (known.get(each.id) ?? "unapproved") : "untrusted",
    );
  };
  board.load(catalogueOf(connectors), (each) => (trusted(each) ? "unapproved" : "untrusted"));
  const review = new ReviewPanel({
    board,
    approvals,
    onApproved: load,
    onError: (error) => errors.push(error),
  });
  const press = async (act: string, key?: number): Promise<void> => {
    page().press({ act, content: String(drawn().version), ...(key === undefined ? {} : { key }) });
    await idle();
  };
  const approved = async (): Promise<readonly string[]> =>
    [...(await approvals.permissions([...connectors, lookAlike]))]
      .filter(([, permission]) => permission === "approved")
      .map(([id]) => id);
  return { board, approvals, review, errors, press, approved };
};

beforeEach(() => {
  editor.reset();
  panels.length = 0;
});

describe("a page that is asked for", () => {
  test("shows every entry, and nothing of it is approved by that", async () => {
    const { review, approved, errors } = scene([github, linear]);
    review.show();
    await idle();
    expect(drawn().content).toContain("github");
    expect(drawn().content).toContain("linear");
    expect(await approved()).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("is one: asked for again, it comes to the front", async () => {
    const { review } = scene([github]);
    review.show();
    review.show(github.id);
    await idle();
    expect(panels).toHaveLength(1);
    expect(page().revealed).toBe(2);
  });

  test("is drawn once more when its script is ready, at the connector that was named", async () => {
    const { review } = scene([github, linear]);
    review.show(linear.id);
    await idle();
    page().press({ act: "ready" });
    await idle();
    expect(drawn()).toMatchObject({ focus: "entry-1" });
  });

  test("is drawn anew when the board has other entries", async () => {
    const { review, board } = scene([github]);
    review.show();
    await idle();
    board.load(catalogueOf([github, linear]), () => "unapproved");
    await expect.poll(() => drawn().content).toContain("linear");
  });
});

describe("a button", () => {
  test("for all leaves out what has letters that look like others", async () => {
    const { review, press, approved } = scene([github, linear, lookAlike]);
    review.show();
    await idle();
    await press("approveAll");
    expect([...(await approved())].sort()).toEqual([github.id, linear.id].sort());
  });

  test("whose approval cannot be stored says so", async () => {
    const { review, approvals, press, errors, approved } = scene([github]);
    review.show();
    await idle();
    const refusal = new Error("The editor keeps nothing.");
    approvals.approve = () => Promise.reject(refusal);
    await press("approve", 0);
    expect(errors).toEqual([refusal]);
    expect(await approved()).toEqual([]);
  });
});

describe("whoever waits for decisions", () => {
  test("waits for a connector that stands in no file yet, and for it alone", async () => {
    const { review, press } = scene([linear]);
    const decided = review.decide([github]);
    await idle();
    expect(drawn().content).toContain("github");
    await press("approve", 0);
    expect(await decided).toBe(true);
  });

  test("is let go when somebody else waits, or the window ends", async () => {
    const { review } = scene([github]);
    const [first, second] = [review.decide(), review.decide()];
    expect(await first).toBe(false);
    review.dispose();
    expect(await second).toBe(false);
  });
});
