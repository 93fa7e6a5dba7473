import { describe, expect, inject, test } from "vitest";
import { isWriting, quotedVersion, quotesOf, readQuotes, writeQuotes } from "./support/quotes.ts";
import { openSession } from "./support/session.ts";
import { stories, type Point } from "./support/stories.ts";
import { leaveTable } from "./support/tables.ts";

/** What a person reads when a credential is refused in the middle of a session of the real client. */

const refused = /rejected the credential from its headersHelper|requires re-authorization/;
const gone = /is not connected|No such tool available/;
const ready = /econnected to \w+/;
const stillRefused = /(?:Failed to|Couldn't) reconnect to \w+/;
const done = /Created the opportunity|On-call handbook/;
const needsHelp = /needs authentication|needs sign-in|✘/;
const nothing = /(?:)/;

/** What each point of a story has to say: the client, and Lanyard's row. */
const expected: Readonly<Record<string, readonly (readonly [claude: RegExp, row: string])[]>> = {
  "Approved in time": [[done, "granted"]],
  "Approved late": [
    [refused, "stepUp"],
    [gone, "granted · type /mcp reconnect salesforce in Claude Code"],
    [needsHelp, "granted · type /mcp reconnect salesforce in Claude Code"],
    [ready, "granted"],
    [done, "granted"],
  ],
  Rejected: [
    [refused, "denied · /mcp reconnect salesforce in Claude Code asks again"],
    [gone, "denied · /mcp reconnect salesforce in Claude Code asks again"],
    [ready, "granted"],
    [done, "granted"],
  ],
  Revoked: [
    [refused, "signedOut"],
    [stillRefused, "signedOut"],
    [gone, "signedOut"],
    [ready, "granted"],
    [done, "granted"],
  ],
  "Connected while the session runs": [
    [needsHelp, "needsConnection"],
    [gone, "granted · type /mcp reconnect notion in Claude Code"],
    [ready, "granted"],
    [done, "granted"],
  ],
};

const clients = inject("claudeCodes");
const told = new Map<string, readonly Point[]>();
const keyOf = (version: string, title: string): string => `${version}: ${title}`;
const runs = clients.flatMap((client) =>
  stories.map((story) => ({ client, story, version: client.version, title: story.title })),
);

describe.skipIf(clients.length === 0)("in a session of", () => {
  test.concurrent.for(runs)("Claude Code $version: $title", async ({ client, story }, { expect }) => {
    await using session = await openSession(client);
    const points = await story.run(session);
    // What came without a credential that is good: in one story the one that had just been ended.
    const strangers = await session.acme.audit("salesforce");
    expect(strangers.filter(({ policy }) => policy === "credential-check")).toHaveLength(
      story.title === "Revoked" ? 1 : 0,
    );
    told.set(keyOf(client.version, story.title), points);
    const wanted = expected[story.title] ?? [];
    expect(points.map(({ row }) => row)).toEqual(wanted.map(([, row]) => row));
    for (const [index, { claude }] of points.entries()) {
      expect(claude, points[index]?.what).toMatch(wanted[index]?.[0] ?? nothing);
    }
  });

  test("the tables are told", async () => {
    for (const { version } of clients) {
      const lines = stories.map(({ title }) => {
        const points = told.get(keyOf(version, title));
        const healed = points?.find(({ claude }) => ready.test(claude))?.what;
        return {
          measured: title,
          closed: points !== undefined,
          how: healed === undefined ? "the call waits and returns" : `calls fail until ${healed}`,
        };
      });
      await leaveTable(`2-session-${version}`, { title: `Claude Code ${version}: in a session`, lines });
    }
  });

  test.skipIf(!clients.some(({ version }) => version === quotedVersion))(
    `docs/step-up.md quotes what Claude Code ${quotedVersion} said`,
    async () => {
      const quotes = await quotesOf(
        stories.map(({ title }) => ({ title, points: told.get(keyOf(quotedVersion, title)) ?? [] })),
      );
      if (isWriting) await writeQuotes(quotes);
      expect(await readQuotes()).toBe(quotes);
    },
  );
});
