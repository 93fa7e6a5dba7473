import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { connectorOf, openCompany, type Company, type PersonsMachine } from "./company.ts";
import { canMount, SmallDisk } from "./smallDisk.ts";
import type { Ran } from "./support.ts";
import { askHelper, leaderPid } from "./windowsSupport.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.skipIf(!canMount)("a home whose disk is full", () => {
  const disk = new SmallDisk();
  let company: Company;
  let machine: PersonsMachine;
  let cwd: string;

  beforeAll(async () => {
    company = await openCompany();
  });
  afterAll(() => company[Symbol.asyncDispose]());

  beforeEach(async () => {
    machine = await company.machine((home) => disk.mount(home));
    cwd = await machine.workspace("shared", { github: "github" });
  });
  afterEach(async () => {
    await machine[Symbol.asyncDispose]();
    disk.unmount();
  });

  const ask = (): Promise<Ran> => askHelper(machine.home, cwd, "github", company.urlOf("github"));

  test("loses its leader, and helpers are answered by the window that was there in time", async () => {
    const leader = await machine.open(cwd);
    const heir = await machine.open(cwd);
    expect(connectorOf(await ask())).toBe("github");
    await disk.fill();
    await leader.kill();
    expect(connectorOf(await ask())).toBe("github");
    expect(await leaderPid(machine.home)).toBe(heir.pid);
    await heir.close();
    expect(await leaderPid(machine.home)).toBeUndefined();
  });

  test("lets a window in that opens then, and it leads once there is room", async () => {
    const leader = await machine.open(cwd);
    await disk.fill();
    const late = await machine.open(cwd);
    expect(connectorOf(await ask())).toBe("github");
    await leader.kill();
    await disk.free();
    await expect.poll(() => leaderPid(machine.home), { timeout: 10_000 }).toBe(late.pid);
    expect(connectorOf(await ask())).toBe("github");
  });
});
