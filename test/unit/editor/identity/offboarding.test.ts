import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../../src/core/connectors/board/status.ts";
import { english } from "../../../../src/core/text.ts";
import { Offboarding } from "../../../../src/editor/identity/offboarding.ts";
import { startAgent, type RunningAgent } from "../../../../src/ipc/start.ts";
import type { ConnectorRow } from "../../../../src/ipc/windows/messages.ts";
import { agentUrl, paths, protocolVersion, windowsUpgrade } from "../../../../src/ipc/wire.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { needs } from "../../../support/needs.ts";
import { acme } from "../../core/connectors/acme.ts";
import { company, needAt, signedIn, userOf, type EditorWindow } from "../../core/identity/harness.ts";

const { demo, open: openWindow } = company();

let home: string;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-offboarding-"));
  ends.push(() => rm(home, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Somewhere that tells of no event, and what it was sent. */
const place = async (
  path = "/events",
): Promise<{ readonly url: string; readonly tokens: (string | undefined)[] }> => {
  const tokens: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    tokens.push(headers.authorization);
    response.writeHead(200, { "content-type": "application/json" }).end('{"events":[],"cursor":"1"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.close().closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, tokens };
};

const connectorAt = (name: string, events: string): Connector =>
  connectorNamed(name, { userAuth: { ...needAt(demo()), scopes: ["openid", "profile"], events } });

/** A window with these connectors, in which the session of `editor` lives. */
const openAgent = async (
  editor: EditorWindow,
  connectors: readonly Connector[],
  permission: Permission = "approved",
): Promise<RunningAgent> => {
  const board = new Board();
  board.load(catalogueOf(connectors), () => permission);
  const { waits } = acme();
  const parts = { board, clock: systemClock, log: editor.log };
  const agent = await startAgent({
    ...{ ...parts, home, version: "0", t: english, pipeline: waits, sessions: editor.identity },
    consent: () => Promise.resolve({ result: "forbidden" }),
  });
  const offboarding = new Offboarding({
    ...{ ...parts, identity: editor.identity, waits, agent, fetch: editor.wire.fetch },
  });
  ends.push(
    () => agent.stop(),
    () => offboarding.dispose(),
  );
  return agent;
};

/** What any program of this user can do that reads the key: registers as a window that shows this connector. */
const registerAsWindow = async ({ record }: RunningAgent, row: Partial<ConnectorRow>): Promise<void> => {
  const asked = httpRequest(`${agentUrl}${paths.windows}`, {
    socketPath: record.address.path,
    headers: {
      authorization: `Bearer ${record.key.reveal()}`,
      ...{ connection: "Upgrade", upgrade: windowsUpgrade },
    },
  }).end();
  const [, socket] = (await once(asked, "upgrade")) as [IncomingMessage, Duplex];
  ends.push(() => void socket.destroy());
  const id = randomBytes(4).toString("hex");
  const hello = {
    ...{ kind: "hello", protocol: protocolVersion, id },
    record: {
      address: { kind: "socket", path: join(home, `${id}.sock`) },
      ...{ key: randomBytes(32).toString("hex"), pid: process.pid, version: "0" },
    },
    rows: [
      {
        ...{ id: "x", name: "x", url: "https://x.example/mcp", ...needAt(demo()), standing: "approved" },
        ...{ acting: true, ...row },
      },
    ],
  };
  socket.write(`${JSON.stringify(hello)}\n`);
  // It is told who is there once it counts.
  await once(socket, "data");
};

test(
  "what another window names gets no token: who registers may be any program",
  needs("socketFiles"),
  async () => {
    const editor = openWindow();
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const [own, other] = [await place(), await place()];
    const agent = await openAgent(editor, [connectorAt("crm", own.url)]);
    await vi.waitFor(() => expect(own.tokens[0]).toMatch(/^Bearer ./));
    await registerAsWindow(agent, { events: other.url });
    await vi.waitFor(() => expect(own.tokens.length).toBeGreaterThan(1), 5000);
    expect(other.tokens).toEqual([]);
  },
);

test("a window listens to what it has approved, but for what the one that leads listens to", async () => {
  const editor = openWindow();
  await signedIn(editor, needAt(demo()), userOf(demo()));
  const [shared, alone, held] = [await place("/shared"), await place("/alone"), await place("/held")];
  const leader = await openAgent(editor, [connectorAt("crm", shared.url)]);
  await vi.waitFor(() => expect(shared.tokens).toHaveLength(1));
  const second = openWindow(editor);
  const follower = await openAgent(second, [connectorAt("crm", shared.url), connectorAt("hr", alone.url)]);
  await openAgent(openWindow(editor), [connectorAt("wiki", held.url)], "unapproved");
  await vi.waitFor(() => expect(alone.tokens.length).toBeGreaterThan(1), 5000);
  expect([leader.isLeading(), follower.isLeading()]).toEqual([true, false]);
  expect(new Set(second.wire.sent.map(({ path }) => path))).not.toContain("/shared");
  expect(held.tokens).toEqual([]);
  // When the one that leads goes, another listens in its place.
  await leader.stop();
  await vi.waitFor(() => expect(second.wire.sent.map(({ path }) => path)).toContain("/shared"), 5000);
});
