import { expect, it } from "vitest";
import type { HistoryEvent } from "../../../../src/core/history/history.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { english } from "../../../../src/core/text.ts";
import { tokenRequestSchema } from "../../../../src/ipc/api/protocol.ts";
import { TokenApi } from "../../../../src/ipc/api/tokenApi.ts";
import { session } from "../../../support/asks.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { fakeClock } from "../../../support/ports.ts";

const github = connectorNamed("github");

it("counts a printed token among what was handed out and may still live", async () => {
  const board = new Board();
  board.load(catalogueOf([github]), () => "approved");
  const clock = fakeClock();
  const accessTokenExpiresAtMs = clock.now() + 300_000;
  const active = {
    ...{ ...session, accessToken: new Secret("token"), accessTokenExpiresAtMs },
    ...{ issuer: github.userAuth.issuer, clientId: github.userAuth.clientId },
  };
  const sessions = {
    fresh: () => Promise.resolve({ kind: "active", session: active } as const),
    list: () => Promise.resolve([]),
  };
  const api = new TokenApi({
    consent: () => Promise.resolve({ result: "allowed" }),
    board,
    sessions,
    clock,
    t: english,
  });
  const request = tokenRequestSchema.parse({ issuer: github.userAuth.issuer });
  const reply = await api.answer(request, 5_000, new AbortController().signal);
  expect(reply).toMatchObject({ kind: "token", token: "token" });
  expect(board.get(github.id)?.lastIssued).toEqual({
    atMs: clock.now(),
    expiresAtMs: accessTokenExpiresAtMs,
  });
  board.issued(github.id, clock.now(), accessTokenExpiresAtMs + 1000);
  await api.answer(request, 5_000, new AbortController().signal);
  expect(board.get(github.id)?.lastIssued?.expiresAtMs).toBe(accessTokenExpiresAtMs + 1000);
});

it.each(["denied", "unanswered", "forbidden"] as const)(
  "what is %s prints no token, asks nobody for one, and leaves a line",
  async (result) => {
    const board = new Board();
    board.load(catalogueOf([github]), () => "approved");
    const notes: HistoryEvent[] = [];
    const api = new TokenApi({
      consent: () => Promise.resolve({ result, program: "claude (7) > bash (8)" }),
      board,
      sessions: { fresh: () => Promise.reject(new Error("Nobody may ask.")) },
      clock: fakeClock(),
      t: english,
      history: { note: (event) => notes.push(event) },
    });
    const request = tokenRequestSchema.parse({ issuer: github.userAuth.issuer });
    const reply = await api.answer(request, 5_000, new AbortController().signal);
    expect(reply).toMatchObject({ kind: "refused", refusal: { kind: "denied" } });
    expect(notes).toMatchObject([
      { kind: "refusal", outcome: result, program: "claude (7) > bash (8)", policy: "lanyard.tokenCommand" },
    ]);
  },
);
