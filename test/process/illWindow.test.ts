import { describe, expect, test, vi } from "vitest";
import { connectorOf, useMachine } from "./company.ts";
import { unsendable } from "./contract.ts";
import type { Ran } from "./support.ts";
import { askHelper, leaderPid, type TestWindow } from "./windowsSupport.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Far less than what a helper waits for in vain. */
const busyMachineMs = 3_000;

const machine = useMachine();
const { workspace, open, urlOf, refreshes } = machine;

describe("a window whose browser has died", () => {
  const two = async (): Promise<{ ill: TestWindow; well: TestWindow; cwd: string }> => {
    const cwd = await workspace("shared", { github: "github", linear: "linear" });
    const ill = await open(cwd);
    const well = await open(cwd);
    expect((await ill.standing()).isLeading).toBe(true);
    return { ill, well, cwd };
  };
  const ask = (cwd: string): Promise<Ran> => askHelper(machine.home, cwd, "github", urlOf("github"));

  test("stops leading before a helper needs it, and its helpers are answered by the other", async () => {
    const { ill, well, cwd } = await two();
    await ill.ask({ kind: "storage", does: "silent" });
    await expect.poll(async () => (await well.standing()).isLeading, { timeout: 12_000 }).toBe(true);
    expect((await ill.standing()).isLeading).toBe(false);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(cwd)));
    expect(new Set(answers.map(connectorOf))).toEqual(new Set(["github"]));
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(busyMachineMs);
  });

  test("has the helper that finds it out answered by the other all the same", async () => {
    const { ill, cwd } = await two();
    await ill.ask({ kind: "storage", does: "refuse" });
    expect(connectorOf(await ask(cwd))).toBe("github");
    expect((await ill.standing()).isLeading).toBe(false);
  });

  test("tells nothing of what it cannot see, and leaves the vault and the session alone", async () => {
    const { ill, well, cwd } = await two();
    expect(connectorOf(await ask(cwd))).toBe("github");
    const before = { refreshes: await refreshes(), board: (await well.standing()).board };
    await ill.ask({ kind: "storage", does: "refuse" });
    await ill.ask({ kind: "check", server: "github" });
    await ill.ask({ kind: "check", server: "linear" });
    expect((await ill.standing()).board.map(({ status }) => status)).toEqual(["unavailable", "unavailable"]);
    // One answer of the other's own, so that what was told before it has surely come.
    await well.ask({ kind: "check", server: "linear" });
    expect((await well.standing()).board[0]).toEqual(before.board[0]);
    expect(await refreshes()).toEqual(before.refreshes);
  });

  test("leads on where there is no other, says why it refuses, and is well again with its storage", async () => {
    const cwd = await workspace("alone", { github: "github" });
    const alone = await open(cwd);
    await alone.ask({ kind: "storage", does: "refuse" });
    expect(unsendable(await ask(cwd))).toContain("secret storage refuses");
    await alone.ask({ kind: "storage", does: "work" });
    expect(connectorOf(await ask(cwd))).toBe("github");
    expect((await alone.standing()).isLeading).toBe(true);
  });

  test("leads again where the others are ill as well", async () => {
    const { ill, well, cwd } = await two();
    await well.ask({ kind: "storage", does: "refuse" });
    await well.ask({ kind: "check", server: "github" });
    await ill.ask({ kind: "storage", does: "refuse" });
    expect(unsendable(await ask(cwd))).toContain("secret storage refuses");
    await expect.poll(async () => await leaderPid(machine.home)).toBeDefined();
  });
});
