import { expect, test, vi } from "vitest";
import * as z from "zod";
import { Approvals } from "../../../src/core/connectors/permission/approval.ts";
import { Board } from "../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../src/core/connectors/board/status.ts";
import { ReviewPanel } from "../../../src/editor/review.ts";
import { catalogueOf, connectorNamed } from "../../support/connectors.ts";
import { memoryMemory } from "../../support/ports.ts";
import { panels, type WebviewPanel } from "../../support/editor/vscode.ts";

const [crm, wiki] = [connectorNamed("crm"), connectorNamed("wiki")];
const drawnShape = z.object({ content: z.string(), version: z.number() });

interface Page {
  readonly panel: WebviewPanel;
  readonly review: ReviewPanel;
  readonly board: Board;
  readonly approved: () => Promise<readonly string[]>;
  /** Presses a button of what is drawn now, or was drawn as that version. */
  readonly press: (act: string, name?: string, version?: string) => Promise<void>;
  /** Presses it, and waits until the page shows that it counted. */
  readonly approve: (name: string) => Promise<void>;
  readonly version: () => string;
  readonly decided: Promise<boolean>;
}

/** Nothing tells that nothing was done: what would have been done is a handful of promises and one digest. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const open = async (permission: Permission = "unapproved"): Promise<Page> => {
  const board = new Board();
  const approvals = new Approvals(memoryMemory());
  board.load(catalogueOf([crm, wiki]), () => permission);
  const onError = (error: unknown): never => {
    throw error;
  };
  const review = new ReviewPanel({ board, approvals, onApproved: () => Promise.resolve(), onError });
  const decided = review.decide();
  const panel = panels.at(-1);
  if (panel === undefined) throw new Error("No page was opened.");
  const drawn = (): z.output<typeof drawnShape> => drawnShape.parse(panel.posted.at(-1));
  panel.press({ act: "ready" });
  await vi.waitFor(drawn);
  const page: Page = {
    ...{ panel, review, board, decided },
    approve: async (name) => {
      await page.press("approve", name);
      await vi.waitFor(() => expect(drawn().content).toContain(`Take back ${name}`));
    },
    version: () => String(drawn().version),
    approved: async () => {
      const permissions = await approvals.permissions([crm, wiki]);
      return [crm, wiki].filter(({ id }) => permissions.get(id) === "approved").map(({ name }) => name);
    },
    press: async (act, name, version = String(drawn().version)) => {
      const keys = [
        ...drawn().content.matchAll(/data-key="(\d+)"\s+aria-label="(?:Approve|Take back) (\w+)"/g),
      ];
      const key = keys.find(([, , label]) => label === name)?.[1];
      panel.press({ act, content: version, ...(key === undefined ? {} : { key }) });
      await quiet();
    },
  };
  return page;
};

test("closing the page approves nothing, and whoever waits hears a no", async () => {
  const page = await open();
  page.panel.dispose();
  expect(await page.decided).toBe(false);
  expect(await page.approved()).toEqual([]);
});

test("Escape and Close approve nothing", async () => {
  const page = await open();
  await page.press("close");
  expect(page.panel.isOpen).toBe(false);
  expect(await page.decided).toBe(false);
  expect(await page.approved()).toEqual([]);
});

test("a button approves its own connector, and whoever waits goes on after the last", async () => {
  const page = await open();
  await page.approve("wiki");
  expect(await page.approved()).toEqual(["wiki"]);
  expect(page.panel.isOpen).toBe(true);
  await page.press("approve", "crm");
  expect(await page.decided).toBe(true);
  expect(await page.approved()).toEqual(["crm", "wiki"]);
  expect(page.panel.isOpen).toBe(false);
});

test("what was approved can be taken back", async () => {
  const page = await open();
  await page.approve("wiki");
  await page.press("withdraw", "wiki");
  await vi.waitFor(async () => expect(await page.approved()).toEqual([]));
});

test("a press on what is no longer shown counts for nothing", async () => {
  const page = await open();
  const before = page.version();
  await page.approve("wiki");
  await page.press("approve", "crm", before);
  await page.press("approveAll", undefined, before);
  expect(await page.approved()).toEqual(["wiki"]);
});

test("what is held because its folder is not trusted is not approved, whatever the page says", async () => {
  const page = await open("untrusted");
  for (const key of ["0", "1"]) page.panel.press({ act: "approve", key, content: page.version() });
  await page.press("approveAll");
  expect(await page.approved()).toEqual([]);
});

test.each([
  ["nothing", undefined],
  ["another act", { act: "approveEverything" }],
  ["no version", { act: "approveAll" }],
  ["no key", { act: "approve", content: "1" }],
  ["a key beyond the rows", { act: "approve", key: "7", content: "1" }],
  ["a key that is none", { act: "approve", key: "-1", content: "1" }],
  ["a name for a key", { act: "approve", key: "crm", content: "1" }],
])("a message with %s does nothing", async (_what, message) => {
  const page = await open();
  page.panel.press(message);
  await page.press("none");
  expect(await page.approved()).toEqual([]);
});

test("the page runs scripts of its own alone, has no commands, and reaches no file", async () => {
  const { panel } = await open();
  expect(panel.options).toMatchObject({ enableCommandUris: false, localResourceRoots: [] });
});
