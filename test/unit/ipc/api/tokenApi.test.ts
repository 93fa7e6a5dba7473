import { describe, expect, it } from "vitest";
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

describe("the token of an issuer", () => {
  const other = connectorNamed("other", {
    userAuth: { ...github.userAuth, issuer: "https://idp.other.example" },
  });
  const asking = async (
    permission: "approved" | "unapproved" | "changed" | "untrusted",
    fields: Readonly<Record<string, string>>,
    connectors = [github],
  ) => {
    const board = new Board();
    board.load(catalogueOf(connectors), () => permission);
    const asked: string[] = [];
    const api = new TokenApi({
      ...{ board, clock: fakeClock(), t: english },
      consent: ({ issuer }) => {
        asked.push(issuer);
        return Promise.resolve({ result: "allowed" });
      },
      sessions: {
        fresh: () => {
          asked.push("session");
          return Promise.resolve({ kind: "signedOut", cause: "never" });
        },
      },
    });
    const reply = await api.answer(tokenRequestSchema.parse(fields), 5_000, new AbortController().signal);
    return { kind: reply.kind === "refused" ? reply.refusal.kind : reply.kind, asked };
  };
  const issuer = github.userAuth.issuer;

  it.each(["unapproved", "changed", "untrusted"] as const)(
    "by issuer is that of approved connectors alone",
    async (permission) => {
      expect(await asking(permission, { issuer })).toEqual({ kind: "unknown", asked: [] });
      expect(await asking(permission, { issuer: "" })).toEqual({ kind: "unknown", asked: [] });
      const byName = await asking(permission, { server: "github", url: github.url, cwd: "/work/acme" });
      expect(byName.asked).toEqual([]);
    },
  );

  it("is asked for where one of its connectors is approved", async () => {
    expect(await asking("approved", { issuer })).toEqual({ kind: "signedOut", asked: [issuer, "session"] });
    expect((await asking("approved", { issuer: "" })).asked).toEqual([issuer, "session"]);
    expect(
      (await asking("approved", { server: "github", url: github.url, cwd: "/work/acme" })).asked,
    ).toEqual([issuer, "session"]);
  });

  it.each([
    ["another issuer than any connector's", { issuer: "https://idp.attacker.example" }, "unknown"],
    [
      "another issuer than the connector's",
      { server: "github", url: github.url, cwd: "/work/acme", issuer: "https://x.example" },
      "misconfigured",
    ],
    [
      "another URL than the connector's",
      { server: "github", url: "https://attacker.example", cwd: "/work/acme" },
      "misconfigured",
    ],
    ["a name that nobody has", { server: "nobody", url: github.url }, "unknown"],
  ])("is none for %s", async (_what, fields, kind) => {
    const answer = await asking("approved", fields);
    expect(answer.asked).toEqual([]);
    expect(answer.kind).not.toBe("token");
    expect([kind, "unknown", "urlMismatch", "mismatch"]).toContain(answer.kind);
  });

  it("is none where several sign-ins could be meant", async () => {
    expect(await asking("approved", { issuer: "" }, [github, other])).toEqual({
      kind: "ambiguous",
      asked: [],
    });
    expect((await asking("approved", { issuer }, [github, other])).asked).toEqual([issuer, "session"]);
  });
});

it.each([
  ["bound to a key", { senderConstrained: true as const }],
  ["of characters that no token has", { accessToken: new Secret("a b") }],
])("a token %s is printed to nobody, and leaves no line as if it were", async (_what, over) => {
  const board = new Board();
  board.load(catalogueOf([github]), () => "approved");
  const notes: HistoryEvent[] = [];
  const active = { ...session, issuer: github.userAuth.issuer, ...over };
  const api = new TokenApi({
    ...{ board, clock: fakeClock(), t: english, history: { note: (event) => notes.push(event) } },
    consent: () => Promise.resolve({ result: "allowed" }),
    sessions: { fresh: () => Promise.resolve({ kind: "active", session: active }) },
  });
  const request = tokenRequestSchema.parse({ issuer: github.userAuth.issuer });
  const reply = await api.answer(request, 5_000, new AbortController().signal);
  expect(reply).toMatchObject({ kind: "refused", refusal: { kind: "misconfigured" } });
  expect(JSON.stringify(reply)).not.toContain(active.accessToken.reveal());
  expect(notes).toEqual([]);
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
