import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { AgentLine, type Called } from "../../../src/ipc/client.ts";
import { endpointFileOf, formatEndpoint, runDirectoryOf } from "../../../src/ipc/endpoint/endpointFile.ts";
import { needs } from "../../support/needs.ts";

describe("an agent that is asked again and again", needs("socketFiles"), () => {
  let home: string;
  let line: AgentLine;
  const servers: Server[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "lanyard-line-"));
    await mkdir(runDirectoryOf(home), { mode: 0o700 });
    line = new AgentLine(home);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
    await rm(home, { recursive: true, force: true });
  });

  /** An agent that says its name, with an endpoint file that leads to it. @returns the connections made to it. */
  const lead = async (name: string): Promise<{ readonly connections: number; readonly server: Server }> => {
    const seen = { connections: 0, server: createServer((_request, response) => response.end(name)) };
    servers.push(seen.server);
    seen.server.on("connection", () => (seen.connections += 1));
    const path = join(runDirectoryOf(home), `${name}.sock`);
    seen.server.listen(path);
    await once(seen.server, "listening");
    const record = { pid: process.pid, version: "0.0.0-test", key: new Secret("k".repeat(43)) };
    const text = formatEndpoint({ ...record, address: { kind: "socket", path } });
    await rm(endpointFileOf(home), { force: true });
    await writeFile(endpointFileOf(home), text, { mode: 0o600 });
    return seen;
  };
  const ask = (): Promise<Called> =>
    line.call({
      path: "/",
      message: {},
      accept: "json",
      timeoutMs: 5_000,
      signal: AbortSignal.timeout(5_000),
    });

  test("answers on one connection", async () => {
    const one = await lead("one");
    for (let each = 0; each < 5; each += 1) expect(await ask()).toEqual({ kind: "reply", body: "one" });
    expect(one.connections).toBe(1);
  });

  test("is another as soon as the endpoint file says so", async () => {
    await lead("one");
    await ask();
    await lead("other");
    expect(await ask()).toEqual({ kind: "reply", body: "other" });
  });

  test("is asked by a new connection where the old one was closed", async () => {
    const one = await lead("one");
    await ask();
    one.server.closeAllConnections();
    await expect.poll(ask).toEqual({ kind: "reply", body: "one" });
    expect(one.connections).toBe(2);
  });

  test.each([
    ["the folder of its endpoint is open to others", () => chmod(runDirectoryOf(home), 0o777), "unsafe"],
    ["the home can be written by others", () => chmod(home, 0o777), "unsafe"],
    ["its file is open to others", () => chmod(endpointFileOf(home), 0o666), "unsafe"],
    ["its file is gone", () => rm(endpointFileOf(home)), "absent"],
  ])("is believed no more once %s", async (_what, change, kind) => {
    await lead("one");
    expect(await ask()).toMatchObject({ kind: "reply" });
    await change();
    expect(await ask()).toMatchObject({ kind });
  });
});
