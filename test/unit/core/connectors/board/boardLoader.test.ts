import { EventEmitter, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Catalogue } from "../../../../../src/core/config/connector.ts";
import { Approvals } from "../../../../../src/core/connectors/permission/approval.ts";
import { Board } from "../../../../../src/core/connectors/board/board.ts";
import { BoardLoader, type BoardLoaderParts } from "../../../../../src/core/connectors/board/boardLoader.ts";
import type { Permission } from "../../../../../src/core/connectors/board/status.ts";
import { brokenNamed, catalogueOf, connectorNamed } from "../../../../support/connectors.ts";
import { memoryMemory } from "../../../../support/ports.ts";

const github = connectorNamed("github");
const mine = connectorNamed("linear", { origin: { kind: "user", file: "/home/alice/.claude.json" } });
const allowed = catalogueOf([github]);
const forbidden = catalogueOf([], [brokenNamed("github")]);

const loaderOf = (
  catalogue: () => Catalogue,
  over: Partial<BoardLoaderParts> = {},
): { readonly board: Board; readonly loader: BoardLoader; readonly approvals: Approvals } => {
  const board = new Board();
  const approvals = new Approvals(memoryMemory());
  return {
    board,
    approvals,
    loader: new BoardLoader({ catalogue, approvals, board, isTrusted: () => true, ...over }),
  };
};

it("keeps forbidden what is forbidden while an earlier load, which has more to look up, is under way", async () => {
  let now = allowed;
  const lookUp = new EventEmitter();
  const { board, loader } = loaderOf(() => now, {
    approvals: {
      permissions: async (connectors) => {
        if (connectors.length > 0) await once(lookUp, "done");
        return new Map<string, Permission>([[github.id, "approved"]]);
      },
    },
  });
  const earlier = loader.load();
  await setImmediate();
  now = forbidden;
  const later = loader.load();
  // What has nothing to look up would be through by now, if it did not wait for its turn.
  await setImmediate();
  lookUp.emit("done");
  expect(await Promise.all([earlier, later])).toEqual([allowed, forbidden]);
  expect(board.entries()).toEqual([]);
  expect(board.broken()).toHaveLength(1);
});

it("loads what holds when its turn comes", async () => {
  let now = allowed;
  const { loader } = loaderOf(() => now);
  const loading = loader.load();
  now = forbidden;
  expect(await loading).toBe(forbidden);
});

it("goes on after a load that failed", async () => {
  let isBroken = true;
  const { board, loader } = loaderOf(() => {
    if (isBroken) throw new Error("unreadable");
    return allowed;
  });
  await expect(loader.load()).rejects.toThrow("unreadable");
  isBroken = false;
  await loader.load();
  expect(board.entries()).toHaveLength(1);
});

it.each([
  ["untrusted", false, "unapproved"],
  ["unchecked", true, "unapproved"],
] as const)("makes an approved connector of a folder %s where trust is %s", async (kind, isTrusted, own) => {
  const { board, loader, approvals } = loaderOf(() => catalogueOf([github, mine]), {
    isTrusted: () => isTrusted,
  });
  await approvals.approve([github]);
  await loader.load();
  expect(board.entries().map(({ status }) => status.kind)).toEqual([kind, own]);
});
