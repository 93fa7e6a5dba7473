import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { endpointFileOf, runDirectoryOf } from "../../src/ipc/endpoint/endpointFile.ts";
import { connectorOf, useMachine } from "./company.ts";
import { unsendable } from "./contract.ts";
import { plainFolder, run, writeEndpoint, type Ran } from "./support.ts";
import { askHelper, leaderPid, untilAnotherLeads, type TestWindow } from "./windowsSupport.ts";
import { awaitedLater } from "../support/awaitedLater.ts";

/** Windows are whole processes, and a busy machine takes seconds to start one. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** The figures that are printed say how long it takes; this only tells it from what a helper waits for in vain. */
const busyMachineMs = 3_000;

// Two hundred helpers at once: each is the launcher and curl alone, as with most people.
const machine = useMachine(plainFolder);
const { workspace, open, urlOf, refreshes, statusOf } = machine;

const slowestOf = async (count: number, one: () => Promise<Ran>): Promise<number> =>
  Math.max(...(await Promise.all(Array.from({ length: count }, one))).map(({ tookMs }) => tookMs));

describe("three windows", () => {
  test("answer for their own connectors, whichever of them leads", async () => {
    const [one, two, three] = [
      await workspace("one", { github: "github" }),
      await workspace("two", { linear: "linear" }),
      await workspace("three", { salesforce: "salesforce" }),
    ];
    const opened = [await open(one), await open(two), await open(three)];
    const standings = await Promise.all(opened.map((each) => each.standing()));
    expect(standings.map(({ isLeading }) => isLeading)).toEqual([true, false, false]);
    for (const [cwd, server] of [
      [one, "github"],
      [two, "linear"],
      [join(three, "deep/inside"), "salesforce"],
    ] as const) {
      expect(connectorOf(await askHelper(machine.home, cwd, server, urlOf(server)))).toBe(server);
    }
    expect(await statusOf(one)).toEqual([
      ["github", "granted"],
      ["linear", "granted"],
      ["salesforce", "granted"],
    ]);
  });

  test("say which folder a connector is for that another of them has", async () => {
    const one = await workspace("one", { github: "github" });
    const two = await workspace("two", { linear: "linear" });
    for (const folder of [one, two]) await open(folder);
    for (const [cwd, server, folder] of [
      [one, "linear", two],
      [two, "github", one],
      ["/", "linear", two],
    ] as const) {
      const refused = unsendable(await askHelper(machine.home, cwd, server, urlOf(server)));
      expect(refused).toContain(`The connector of this name is for ${folder}. Run it in that folder`);
    }
    expect(unsendable(await askHelper(machine.home, one, "notion", urlOf("notion")))).toContain(
      "No open folder",
    );
  });

  test("may have one name for two things: the folder that the helper runs in decides", async () => {
    const one = await workspace("one", { code: "github" });
    const two = await workspace("two", { code: "linear" });
    await open(one);
    await open(two);
    expect(connectorOf(await askHelper(machine.home, one, "code", urlOf("github")))).toBe("github");
    expect(connectorOf(await askHelper(machine.home, join(two, "deep"), "code", urlOf("linear")))).toBe(
      "linear",
    );
    expect(unsendable(await askHelper(machine.home, two, "code", urlOf("github")))).toContain(
      "approved with another URL",
    );
  });

  test("show the same of an entry that they share", async () => {
    const shared = await workspace("shared", { github: "github", notion: "notion" });
    const opened = [await open(shared), await open(shared), await open(shared)];
    await opened[1]?.ask({ kind: "check", server: "github" });
    await opened[2]?.ask({ kind: "check", server: "notion" });
    const boards = async (): Promise<readonly string[]> =>
      Promise.all(opened.map(async (each) => JSON.stringify((await each.standing()).board)));
    await expect.poll(async () => new Set(await boards()).size).toBe(1);
    expect((await opened[0]?.standing())?.board).toMatchObject([
      { server: "github", status: "granted" },
      { server: "notion", status: "needsConnection" },
    ]);
    // One that comes later knows what the others know.
    const late = await open(shared);
    await expect.poll(async () => JSON.stringify((await late.standing()).board)).toBe((await boards())[0]);
  });

  test("one of which dies is forgotten at once, with its connectors", async () => {
    const one = await workspace("one", { github: "github" });
    const two = await workspace("two", { linear: "linear" });
    await open(one);
    const doomed = await open(two);
    expect(connectorOf(await askHelper(machine.home, two, "linear", urlOf("linear")))).toBe("linear");
    await doomed.kill();
    // It might be reloading: its helpers wait for it, and then are told.
    const helper = awaitedLater(askHelper(machine.home, two, "linear", urlOf("linear")));
    expect(await statusOf(one)).toEqual([["github", "unchecked"]]);
    expect(unsendable(await helper)).toContain("closing or reloading");
    expect(unsendable(await askHelper(machine.home, two, "linear", urlOf("linear")))).toContain(
      "No open folder",
    );
  });

  test.each(["leads", "follows"])(
    "which reloads and %s: a helper that asks meanwhile gets its headers",
    async (rank) => {
      const one = await workspace("one", { github: "github" });
      const two = await workspace("two", { linear: "linear" });
      const [first, second] = [await open(one), await open(two)];
      const [reloading, name, cwd] =
        rank === "leads" ? ([first, "github", one] as const) : ([second, "linear", two] as const);
      await reloading.close();
      const helper = awaitedLater(askHelper(machine.home, cwd, name, urlOf(name)));
      await open(cwd);
      expect(connectorOf(await helper)).toBe(name);
    },
  );
});

describe("when the leader goes", () => {
  const three = async (): Promise<{ opened: readonly TestWindow[]; leader: TestWindow; cwd: string }> => {
    const cwd = await workspace("shared", { github: "github", linear: "linear", salesforce: "salesforce" });
    const opened = [await open(cwd), await open(cwd), await open(cwd)] as const;
    expect((await opened[0].standing()).isLeading).toBe(true);
    return { opened, leader: opened[0], cwd };
  };

  test("killed amid 200 helpers: each is answered in time, and each rotation is one refresh", async () => {
    const { opened, leader, cwd } = await three();
    const names = ["github", "linear", "salesforce"];
    const ask = (index: number): Promise<Ran> => {
      const name = names[index % names.length] ?? "";
      return askHelper(machine.home, cwd, name, urlOf(name));
    };
    const path = { env: { PATH: process.env["PATH"] ?? "" } };
    const startsMs = await slowestOf(200, () => run(["/bin/sh", "-c", "/usr/bin/env curl -V"], path));
    const before = await refreshes();
    // The access token runs out for all of them at once.
    for (const each of opened) await each.ask({ kind: "shift", byMs: 250_000 });
    const helpers = Array.from({ length: 200 }, (_, index) => ask(index));
    // The refresh is done and kept: one whose reply dies with the leader is another story (docs/architecture.md).
    await Promise.any(helpers.map(async (helper) => expect(connectorOf(await helper)).toBeDefined()));
    const taken = awaitedLater(untilAnotherLeads(machine.home, leader.pid));
    await leader.kill();
    const tookMs = await taken;
    const answered = await Promise.all(helpers);
    const refused = answered.filter((ran) => connectorOf(ran) === undefined).map(unsendable);
    for (const ran of answered) {
      expect(ran.exitCode).toBe(0);
      expect(ran.tookMs).toBeLessThan(8_000 + startsMs + 500);
    }
    const after = await refreshes();
    const slowestMs = Math.max(...answered.map((ran) => ran.tookMs));
    console.log(
      `200 helpers across a SIGKILL: ${200 - refused.length} granted, ${refused.length} refused with a reason; ` +
        `another window led after ${Math.round(tookMs)} ms; slowest helper ${Math.round(slowestMs)} ms, ` +
        `of which up to ${Math.round(startsMs)} ms to start them; refreshes ${after.done - before.done}`,
      [...new Set(refused)],
    );
    // The window that takes over waits for its turn among as many processes as the helpers do.
    expect(tookMs).toBeLessThan(busyMachineMs + startsMs);
    expect(after).toEqual({ done: before.done + 1, failed: before.failed });
  });

  test("closed while a helper waits: the helper is answered by another", async () => {
    const { leader, cwd } = await three();
    const helpers = Array.from({ length: 20 }, () => askHelper(machine.home, cwd, "github", urlOf("github")));
    const taken = awaitedLater(untilAnotherLeads(machine.home, leader.pid));
    await leader.close();
    expect(await taken).toBeLessThan(busyMachineMs);
    const answers = (await Promise.all(helpers)).map((ran) => connectorOf(ran) ?? unsendable(ran));
    expect(new Set(answers)).toEqual(new Set(["github"]));
  });

  test("hung: another leads within a second, and the one that wakes follows it", async () => {
    const { leader, cwd } = await three();
    const own = await workspace("own", { platform: "platform" });
    const stopped = await open(own);
    leader.child.kill("SIGSTOP");
    const tookMs = await untilAnotherLeads(machine.home, leader.pid);
    console.log(`A leader hung: another window led after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(busyMachineMs);
    expect(connectorOf(await askHelper(machine.home, cwd, "github", urlOf("github")))).toBe("github");
    expect(connectorOf(await askHelper(machine.home, own, "platform", urlOf("platform")))).toBe("platform");
    leader.child.kill("SIGCONT");
    await expect.poll(async () => (await leader.standing()).isLeading).toBe(false);
    expect(await leaderPid(machine.home)).not.toBe(leader.pid);
    await stopped.close();
  });

  test("together with the last other one, neither leaves an endpoint file", async () => {
    const cwd = await workspace("two", { github: "github" });
    const both = [await open(cwd), await open(cwd)];
    await Promise.all(both.map((each) => each.close()));
    expect(await leaderPid(machine.home)).toBeUndefined();
  });

  test("last of all, it leaves nothing behind, and a helper is told that nobody runs", async () => {
    const cwd = await workspace("last", { github: "github" });
    const last = await open(cwd);
    await last.close();
    expect(unsendable(await askHelper(machine.home, cwd, "github", urlOf("github")))).toContain(
      "not running",
    );
  });
});

describe("what a dead window left behind", () => {
  test.each([
    [
      "whose socket is gone",
      () => writeEndpoint(machine.home, join(runDirectoryOf(machine.home), "agent-0000000000000000.sock")),
    ],
    ["that is not whole", () => writeFile(endpointFileOf(machine.home), "unix-socket = ", { mode: 0o600 })],
  ])("an endpoint file %s is replaced", async (_what, leave) => {
    await mkdir(runDirectoryOf(machine.home), { recursive: true, mode: 0o700 });
    await leave();
    const cwd = await workspace("one", { github: "github" });
    const opened = await open(cwd);
    expect(await leaderPid(machine.home)).toBe(opened.pid);
    expect(connectorOf(await askHelper(machine.home, cwd, "github", urlOf("github")))).toBe("github");
  });

  test("a killed one's place is taken by the next; a living one's never is", async () => {
    const cwd = await workspace("one", { github: "github" });
    const first = await open(cwd);
    await first.kill();
    const second = await open(cwd);
    expect(await leaderPid(machine.home)).toBe(second.pid);
    const text = await readFile(endpointFileOf(machine.home), "utf8");
    await open(cwd);
    expect(await readFile(endpointFileOf(machine.home), "utf8")).toBe(text);
  });
});

describe("one refresh at a time", () => {
  test("however many windows want it at once", async () => {
    const cwd = await workspace("one", { github: "github", linear: "linear", salesforce: "salesforce" });
    const opened = [await open(cwd), await open(cwd), await open(cwd)];
    const before = await refreshes();
    for (let round = 1; round <= 3; round += 1) {
      for (const each of opened) await each.ask({ kind: "shift", byMs: 250_000 });
      const names = ["github", "linear", "salesforce"];
      await Promise.all(opened.map((each, index) => each.ask({ kind: "check", server: names[index] ?? "" })));
      expect(await refreshes()).toEqual({ done: before.done + round, failed: before.failed });
    }
    for (const each of opened) {
      const { board } = await each.standing();
      expect(board.map(({ status }) => status)).toEqual(["granted", "granted", "granted"]);
    }
  });
});
