import { describe, expect, test } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../../src/core/connectors/board/status.ts";
import { startTrace } from "../../../../src/core/trace.ts";
import { english } from "../../../../src/core/text.ts";
import type { Granted } from "../../../../src/core/credentials/grant.ts";
import { Secret } from "../../../../src/core/secret.ts";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { HeadersApi } from "../../../../src/ipc/api/headersApi.ts";
import { headersRequestSchema } from "../../../../src/ipc/api/protocol.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { grants } from "../../../support/grants.ts";
import { fakeClock } from "../../../support/ports.ts";

const crm = connectorNamed("crm");
const request = headersRequestSchema.parse({
  asker: "claude",
  server: "crm",
  url: crm.url,
  cwd: "/work/acme",
});

/** A helper asks, and this happens while the vault is asked. */
const askedWhile = async (
  happens: (board: Board) => void,
  expiresAtMs?: number,
  over: Partial<Granted> = {},
): Promise<string> => {
  const board = new Board();
  board.load(catalogueOf([crm]), () => "approved");
  const clock = fakeClock(1_700_000_000_000);
  const { traceId } = startTrace();
  const api = new HeadersApi({
    ...{ board, clock, t: english },
    pipeline: {
      obtain: () => {
        happens(board);
        const grant = grants.granted({ ...(expiresAtMs === undefined ? {} : { expiresAtMs }), ...over });
        return Promise.resolve({
          grant,
          evidence: { answeredBy: "vault.example.com", atMs: clock.now(), traceId },
        });
      },
    },
  });
  const entry = await api.find(request);
  if (!("connector" in entry)) return "not asked";
  const reply = await api.answer(entry, request, 5_000, new AbortController().signal);
  return reply.kind === "refused" ? reply.refusal.kind : reply.kind;
};
const becomes =
  (permission: Permission, connector: Connector = crm) =>
  (board: Board) =>
    board.load(catalogueOf([connector]), () => permission);

describe("a credential that came", () => {
  test("is handed out where its entry stands as it stood", async () => {
    expect(await askedWhile(() => undefined)).toBe("granted");
  });

  test.each<[string, (board: Board) => void]>([
    ["lost its approval", becomes("unapproved")],
    ["changed", becomes("changed")],
    ["lost its folder's trust", becomes("untrusted")],
    ["has another URL", becomes("approved", { ...crm, url: "https://attacker.example/mcp" })],
    [
      "has a script",
      becomes("approved", { ...crm, helper: { kind: "script", command: "./x", stdin: false } }),
    ],
    ["is gone", (board) => board.load(catalogueOf([]), () => "approved")],
    ["has become another's", becomes("approved", { ...crm, id: "another" })],
  ])("is not where the entry meanwhile %s", async (_what, happens) => {
    expect(await askedWhile(happens)).not.toBe("granted");
  });

  test("is not where it has run out already", async () => {
    expect(await askedWhile(() => undefined, 1_700_000_000_000)).toBe("unavailable");
    expect(await askedWhile(() => undefined, 1_700_000_000_001)).toBe("granted");
  });

  test("is no header where each request has to be signed", async () => {
    const sign = (): Promise<Granted["headers"]> => Promise.resolve({ Authorization: new Secret("signed") });
    expect(await askedWhile(() => undefined, undefined, { headers: {}, sign })).toBe("misconfigured");
    expect(await askedWhile(() => undefined, undefined, { sign })).toBe("misconfigured");
    expect(await askedWhile(() => undefined, undefined, { headers: {} })).toBe("misconfigured");
  });
});

test.each<Permission>(["unapproved", "changed", "untrusted"])(
  "nobody is asked for what is %s",
  async (permission) => {
    const board = new Board();
    board.load(catalogueOf([crm]), () => permission);
    const api = new HeadersApi({
      ...{ board, clock: fakeClock(), t: english },
      pipeline: { obtain: () => Promise.reject(new Error("Nobody may ask.")) },
    });
    expect(await api.find(request)).toMatchObject({ kind: "refused" });
  },
);
