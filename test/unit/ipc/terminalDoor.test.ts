import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { Board } from "../../../src/core/connectors/board/board.ts";
import { english } from "../../../src/core/text.ts";
import type { SessionInfo } from "../../../src/core/identity/session.ts";
import { refusedBySource, refusedReply } from "../../../src/ipc/api/refusals.ts";
import type { CommandReply } from "../../../src/ipc/api/protocol.ts";
import { writeAnswer } from "../../../src/ipc/server/respond.ts";
import { StatusApi } from "../../../src/ipc/api/statusApi.ts";
import { plainReplyType } from "../../../src/ipc/wire.ts";
import { catalogueOf, connectorNamed } from "../../support/connectors.ts";
import { dangersInTerminal, hostileTexts } from "../../support/hostile.ts";
import { grants } from "../../support/grants.ts";
import { fakeClock } from "../../support/ports.ts";

/** What goes over the socket for a reply, as the launcher's `sh` and as the Node helper ask for it. */
const onTheWire = async (reply: CommandReply): Promise<readonly [plain: string, json: string]> => {
  const server = createServer((request, response) =>
    writeAnswer(request, response, { kind: "reply", reply }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  try {
    const [plain, json] = await Promise.all(
      [plainReplyType, "application/json"].map(async (accept) =>
        (await fetch(url, { headers: { accept } })).text(),
      ),
    );
    return [plain ?? "", json ?? ""];
  } finally {
    server.close();
    server.closeAllConnections();
  }
};

const statusOf = async (text: string, json: boolean): Promise<CommandReply> => {
  const board = new Board();
  const connector = connectorNamed(text, {
    name: text,
    origin: { kind: "workspace", file: text, folder: text },
  });
  board.load(catalogueOf([connector]), () => "approved");
  board.record(
    connector.id,
    { ...grants.denied(), reason: text },
    { answeredBy: text, atMs: 1, traceId: text },
  );
  const session: SessionInfo = {
    ...{
      id: "x",
      issuer: text,
      clientId: text,
      subject: text,
      accountLabel: text,
      scopes: [],
      signedInAtMs: 1,
    },
  };
  const sessions = { list: () => Promise.resolve([session]) };
  const api = new StatusApi({ board, sessions, clock: fakeClock(), t: english });
  return api.answer({ json, cwd: "", deadlineMs: 8000, passedOn: 0 });
};

const refusal = (text: string, json: boolean): Promise<CommandReply> => {
  const refused = refusedBySource({ ...grants.denied(), reason: text }, text, english, 0);
  return Promise.resolve(refusedReply(refused, { asker: "person", json, server: text }, english));
};

describe.each([
  ["lanyard status", statusOf],
  ["a refusal", refusal],
])("%s", (_what, replyOf) => {
  test.each(hostileTexts)("prints nothing that a terminal obeys: %s", async (_kind, text) => {
    for (const json of [false, true]) {
      for (const written of await onTheWire(await replyOf(text, json))) {
        expect(dangersInTerminal(written)).toEqual([]);
      }
    }
  });

  test("in JSON, the text is still the text", async () => {
    const reply = await replyOf("a\u001b[31m\u202eb", true);
    const [plain] = await onTheWire(reply);
    expect(JSON.parse(plain.slice(plain.indexOf("\n") + 1))).toEqual(JSON.parse(reply.text));
  });
});
