import { createServer } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { Telemetry } from "../../../src/editor/telemetry.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { recordingLog } from "../../support/ports.ts";
import { editor, env } from "../../support/editor/vscode.ts";

const setting = "lanyard.telemetry.connectionString";

const ingestion = async (status = 200) => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(status).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It listens on no port.");
  return { bodies, connection: `InstrumentationKey=k;IngestionEndpoint=http://127.0.0.1:${address.port}` };
};

const telemetryHere = () => {
  const log = recordingLog();
  const telemetry = new Telemetry({ clock: systemClock, fetch, log });
  onTestFinished(() => telemetry.dispose());
  return { log, telemetry };
};

beforeEach(() => void (env.isTelemetryEnabled = true));
afterEach(() => editor.set(setting, ""));

test("an event goes to the resource that the administrator names", async () => {
  const { bodies, connection } = await ingestion();
  editor.set(setting, connection);
  await telemetryHere().telemetry.send({ kind: "signIn", outcome: "signedIn" });
  expect(bodies).toEqual([
    expect.stringMatching(/^POST \/v2\.1\/track \{.*"name":"lanyard\.lanyard\/signIn"/),
  ]);
});

test("nothing is sent with the editor's telemetry off, or without a resource", async () => {
  const { bodies, connection } = await ingestion();
  const { telemetry } = telemetryHere();
  await telemetry.send({ kind: "signIn", outcome: "signedIn" });
  editor.set(setting, connection);
  env.isTelemetryEnabled = false;
  await telemetry.send({ kind: "signIn", outcome: "signedIn" });
  expect(bodies).toEqual([]);
});

test.each([
  ["InstrumentationKey=", "telemetry.noKey"],
  ["InstrumentationKey=k;IngestionEndpoint=http://a.example", "telemetry.failed"],
  ["InstrumentationKey=k;IngestionEndpoint=http://127.0.0.1:1", "telemetry.failed"],
])("%s is told in the log as %s, and the key is not", async (connection, event) => {
  editor.set(setting, connection);
  const { log, telemetry } = telemetryHere();
  const told = new Promise((resolve) => (log.warn = (name) => resolve(name)));
  telemetry.note({ kind: "sessionEnded", cause: "revoked" });
  expect(await told).toBe(event);
});

test("a resource that refuses is told in the log", async () => {
  const { connection } = await ingestion(402);
  editor.set(setting, connection);
  const { log, telemetry } = telemetryHere();
  await telemetry.send({ kind: "signIn", outcome: "signedIn" });
  expect(log.entries).toEqual([
    expect.objectContaining({ event: "telemetry.refused", fields: { status: 402 } }),
  ]);
});
