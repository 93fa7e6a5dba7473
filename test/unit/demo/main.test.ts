import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import type { Acme } from "../../../demo/demo.ts";
import { exchange, signIn } from "./acme.ts";
import { needs } from "../../support/needs.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

const children: Child[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const launch = (...args: readonly string[]): Child => {
  const child = spawn(process.execPath, ["demo/main.ts", ...args], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return child;
};

/** All of stdout up to the first line's end. */
const firstLine = async (child: Child): Promise<string> => {
  let text = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes("\n")) return text;
  }
  return text;
};

describe("node demo/main.ts", { timeout: 30_000 }, () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints one line of JSON, then runs until %s",
    needs("signals"),
    async (signal) => {
      const child = launch();
      const text = await firstLine(child);
      const ready = JSON.parse(text) as Readonly<Record<string, unknown>>;
      expect(Object.keys(ready)).toEqual(["idp", "admin", "vault", "phone", "connectors", "users"]);
      expect((await fetch(`${String(ready["idp"])}/.well-known/openid-configuration`)).status).toBe(200);

      const ended = once(child, "exit");
      child.kill(signal);
      expect(await ended).toEqual([0, null]);
      await expect(fetch(String(ready["admin"]))).rejects.toThrow();
    },
  );

  it(
    "leaves no timer or socket that would keep it alive, even while someone waits for an answer",
    needs("signals"),
    async () => {
      const child = launch();
      const demo = JSON.parse(await firstLine(child)) as Acme;
      const { tokens } = await signIn(demo);
      const held = exchange(demo, tokens.access_token, "notion", { prefer: "wait=60" });
      const cutOff = expect(held).rejects.toThrow();
      await expect
        .poll(async () => (await fetch(`${demo.admin}/api/audit`)).text())
        .toContain("needs-connection");
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      // Nothing calls process.exit: whatever is left would hold the process until the test's own limit.
      expect(await ended).toEqual([0, null]);
      await cutOff;
    },
  );

  it("ends with its parent when told to watch stdin", async () => {
    const child = launch("--until-stdin-closes");
    await firstLine(child);
    const ended = once(child, "exit");
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });
});
