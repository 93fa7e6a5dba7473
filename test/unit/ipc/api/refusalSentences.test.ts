import { beforeAll, describe, expect, test } from "vitest";
import { readBundle, type Bundle } from "../../../../scripts/l10n.ts";
import { inRoot } from "../../../../scripts/support/paths.ts";
import { refusedByAgent } from "../../../../src/bridge/refusal/refused.ts";
import { notApproved } from "../../../../src/core/connectors/pipeline/problems.ts";
import { inOneLine } from "../../../../src/core/connectors/sentences.ts";
import type { Grant } from "../../../../src/core/credentials/grant.ts";
import { english, type Translate } from "../../../../src/core/text.ts";
import {
  refusedByName,
  refusedByPlace,
  refusedBySource,
  refusedByStanding,
  refusedReply,
  refusedUnfinished,
  type Refused,
} from "../../../../src/ipc/api/refusals.ts";
import { brokenNamed, connectorNamed } from "../../../support/connectors.ts";
import { grants, refusals } from "../../../support/grants.ts";

const nowMs = 1_700_000_000_000;
const link = "https://vault.example.com/help?who=alice";
const connector = connectorNamed("github");
const entry = { connector, status: { kind: "unchecked" } } as const;

const bySource = (grant: Grant, t: Translate): Refused | undefined =>
  grant.kind === "granted" ? undefined : refusedBySource(grant, undefined, t, nowMs);

type Refusing = (t: Translate) => Refused | undefined | Promise<Refused | undefined>;

/** Every way in which a connector is refused, by a name that says which. */
const ways: Readonly<Record<string, Refusing>> = {
  ...Object.fromEntries(
    Object.entries(refusals).map(([name, grant]) => [name, (t: Translate) => bySource(grant, t)]),
  ),
  "a vault with a link in its words": (t) =>
    bySource({ kind: "denied", by: "upstream", reason: `Ask at ${link}.`, helpUrl: link }, t),
  "a vault that calls": (t) => bySource(grants.unavailable({ reason: `It is down! See ${link}` }), t),
  "a vault that asks": (t) => bySource(grants.pending({ message: "Has your lead been asked?" }), t),
  "an approval that went meanwhile": (t) => bySource(notApproved(connector), t),
  "nobody has signed in": (t) => bySource({ kind: "signedOut", cause: "never" }, t),
  "a push that is not sent": (t) => bySource(grants.push({ unsent: true }), t),
  untrusted: (t) => refusedByStanding({ kind: "untrusted" }, t, nowMs),
  unapproved: (t) => refusedByStanding({ kind: "unapproved", changed: false }, t, nowMs),
  changed: (t) => refusedByStanding({ kind: "unapproved", changed: true }, t, nowMs),
  "another folder": (t) => refusedByPlace(entry, "/elsewhere", t),
  unknown: (t) => refusedByName({ kind: "unknown" }, "", t, nowMs),
  elsewhere: (t) => refusedByName({ kind: "elsewhere", folder: "/work/acme" }, "", t, nowMs),
  broken: (t) => refusedByName({ kind: "broken", entry: brokenNamed("github") }, "", t, nowMs),
  "another URL": (t) => refusedByName({ kind: "urlMismatch", entry }, link, t, nowMs),
  ambiguous: (t) => refusedByName({ kind: "ambiguous", entries: [entry, entry] }, "", t, nowMs),
  overdue: (t) => refusedUnfinished("overdue", t),
  closing: (t) => refusedUnfinished("closing", t),
  failed: (t) => refusedUnfinished("failed", t),
};

const { url } = connector;

/** What each reads. A person's own line may end with the page that they open; a model's holds none. */
const clients: Readonly<Record<string, (refused: Refused, t: Translate) => string>> = {
  "Claude Code": (refused, t) => {
    const { text } = refusedReply(refused, { asker: "claude", json: false, server: "github", url }, t);
    return Object.keys(JSON.parse(text) as object)[0] ?? "";
  },
  "a shell": (refused, t) =>
    refusedReply(refused, { asker: "person", json: false, server: "github" }, t).text,
  "VS Code without a bridge": ({ sentence }, t) =>
    t("Lanyard does not start {0}. {1}", "github", inOneLine(sentence, t)),
  "a client of a bridge": ({ sentence }) => refusedByAgent({ kind: "refused", why: sentence.reason }).message,
};

let chinese: Bundle;
beforeAll(async () => {
  chinese = await readBundle(inRoot("l10n/bundle.l10n.zh-cn.json"));
});
const inChinese: Translate = (template, ...args) => english(chinese[template] ?? template, ...args);

const countOf = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

describe.each(Object.entries(ways))("refused: %s", (_way, refusing) => {
  test.each(Object.entries(clients))("%s reads whole sentences", async (client, read) => {
    for (const t of [english, inChinese]) {
      const refused = await refusing(t);
      if (refused === undefined) throw new Error("It is not refused.");
      const text = read(refused, t);
      expect(countOf(text, /Connectors view|连接器”视图/gu), text).toBeLessThan(2);
      expect(text).not.toMatch(/[.。!！?？][.。]|\(\)|\s[.。]|\{\d\}|undefined/u);
      expect(countOf(text, /[(（]/gu), text).toBe(countOf(text, /[)）]/gu));
      if (client === "a client of a bridge") expect(text).not.toMatch(/\w:\/\//);
      if (!/https?:\/\/\S+$/.test(text)) expect(text).toMatch(/[.。!！?？]$/u);
    }
  });
});
