import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

const promised = z.strictObject({
  editor: z.url(),
  idp: z.url(),
  admin: z.url(),
  workspace: z.string(),
  lanyardHome: z.string(),
  users: z.array(z.strictObject({ username: z.string(), password: z.string(), otp: z.string() })).min(1),
});

const status = (url: string): Promise<number> =>
  fetch(url, { redirect: "manual" }).then((reply) => reply.status);

test("npm start says in one line of JSON where everything is, and takes it all away on SIGTERM", async () => {
  const start = spawn(process.execPath, [inRoot("scripts/start.ts"), "--no-open", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const firstLine = new Promise<string>((resolve) => {
    createInterface({ input: start.stdout }).on("line", (line) => {
      lines.push(line);
      resolve(line);
    });
  });
  const ended = awaitedLater(once(start, "close"));
  try {
    const ready = promised.parse(JSON.parse(await Promise.race([firstLine, ended.then(() => "null")])));

    expect(await status(ready.editor), "a cookie for the token, and on to the workbench").toBe(302);
    expect(await status(ready.editor.replace("tkn=", "tkn=not-"))).toBe(403);
    expect(await status(`${ready.idp}/.well-known/openid-configuration`)).toBe(200);
    expect(await readFile(join(ready.workspace, ".mcp.json"), "utf8")).toContain(ready.idp);
    expect(ready.lanyardHome.startsWith(inRoot(".demo"))).toBe(true);

    start.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(lines).toHaveLength(1);
    await expect(status(ready.editor)).rejects.toThrow();
    await expect(status(ready.idp)).rejects.toThrow();
  } finally {
    start.kill("SIGKILL");
  }
}, 300_000);
