import { expect, test, vi } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { english } from "../../../../src/core/text.ts";
import type { StatusRow } from "../../../../src/ipc/api/protocol.ts";
import { StatusApi } from "../../../../src/ipc/api/statusApi.ts";
import { fakeClock } from "../../../support/ports.ts";

const asked = { json: false, cwd: "", deadlineMs: 8000, passedOn: 0 };
const elsewhere: StatusRow = {
  ...{ id: "there", server: "there", url: "https://mcp.example.com/there", file: "/there/.mcp.json" },
  ...{ issuer: "https://idp.example.com", status: "unchecked", reason: "Not checked yet" },
};

const withBoard = (): { readonly api: StatusApi; readonly list: ReturnType<typeof vi.fn> } => {
  const list = vi.fn(() => Promise.resolve([]));
  return {
    api: new StatusApi({ board: new Board(), sessions: { list }, clock: fakeClock(), t: english }),
    list,
  };
};

test("whoever asks at once is answered by one look, as text or as JSON", async () => {
  const { api, list } = withBoard();
  const json = { ...asked, json: true };
  const replies = await Promise.all([asked, json, asked, json].map((request) => api.answer(request)));
  const [text, inJson] = [
    "Nobody is signed in.\nNo open folder has a connector.",
    '{"accounts":[],"connectors":[]}',
  ];
  expect(replies.map((reply) => reply.text)).toEqual([text, inJson, text, inJson]);
  expect(list).toHaveBeenCalledTimes(2);
});

test("what other windows say is told to those for whom they were asked, and to nobody else", async () => {
  const { api } = withBoard();
  const [alone, among] = await Promise.all([api.answer(asked), api.answer(asked, [elsewhere])]);
  expect(alone.text).not.toContain("there");
  expect(among.text).toContain("there");
});
