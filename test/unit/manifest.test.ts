import { existsSync, statSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../scripts/support/paths.ts";
import {
  commandIds,
  contextKeys,
  settingKeys,
  shellCommandIds,
  viewId,
  walkthroughId,
} from "../../src/editor/manifestNames.ts";

/** What the manifest promises and what the code keeps are the same: a name that only one of them knows does nothing. */
const menuItem = z.object({
  command: z.string(),
  when: z.string().optional(),
  group: z.string().optional(),
});
const command = z.object({
  command: z.string(),
  title: z.string(),
  category: z.string().optional(),
  icon: z.string().optional(),
  enablement: z.string().optional(),
});
const step = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  media: z.object({ svg: z.string(), altText: z.string() }),
  completionEvents: z.array(z.string()).min(1),
});
const manifestSchema = z.object({
  contributes: z.object({
    commands: z.array(command),
    menus: z.record(z.string(), z.array(menuItem)),
    views: z.record(z.string(), z.array(z.object({ id: z.string(), when: z.string().optional() }))),
    viewsWelcome: z.array(z.object({ view: z.string(), when: z.string(), contents: z.string() })),
    walkthroughs: z.array(z.object({ id: z.string(), title: z.string(), steps: z.array(step) })),
    configuration: z.object({ properties: z.record(z.string(), z.unknown()) }),
  }),
});

const text = (path: string): Promise<string> => readFile(inRoot(path), "utf8");
const { contributes } = manifestSchema.parse(JSON.parse(await text("package.json")));
const english = z.record(z.string(), z.string()).parse(JSON.parse(await text("package.nls.json")));
/** A text as a person reads it in English. */
const said = (value: string): string =>
  value.replace(/^%(.+)%$/, (whole, key: string) => english[key] ?? whole);
const sources = new Map<string, string>();
for await (const path of glob("src/**/*.ts", { cwd: inRoot(".") }))
  sources.set(path.replaceAll("\\", "/"), await text(path));
/** The files that say `what`. */
const sayers = (what: RegExp): readonly string[] =>
  [...sources].filter(([, source]) => what.test(source)).map(([path]) => path);

const allCommands = [...commandIds, ...shellCommandIds].sort();
const menuItems = Object.values(contributes.menus).flat();
const hiddenUnless = new Map(
  (contributes.menus["commandPalette"] ?? []).map((item) => [item.command, item.when]),
);

describe("commands", () => {
  it("are those that the code registers", () => {
    expect(contributes.commands.map((each) => each.command).sort()).toEqual(allCommands);
    expect(sayers(/\bregisterCommand\(/)).toEqual(["src/editor/commands.ts"]);
  });

  it.each(contributes.commands)("$command has a title, a category and an icon", (each) => {
    expect(said(each.title)).toMatch(/^[A-Z]/);
    expect(said(each.category ?? "")).toBe("Lanyard");
    expect(each.icon).toMatch(/^\$\([a-z-]+\)$/);
  });

  it("in menus are commands that there are", () => {
    expect(menuItems.filter((item) => !allCommands.some((id) => id === item.command))).toEqual([]);
  });

  it("that a row has as a button are in its menu too, for whoever has no pointer", () => {
    const items = contributes.menus["view/item/context"] ?? [];
    const [buttons, entries] = [true, false].map((isButton) =>
      items.filter(({ group }) => group?.startsWith("inline@") === isButton),
    );
    expect(buttons?.length).toBeGreaterThan(10);
    for (const { command: id, when } of buttons ?? [])
      expect(entries).toContainEqual(expect.objectContaining({ command: id, when }));
  });

  /** Those that have something to do in every window. */
  const always = new Map([
    ["lanyard.signIn", "where there is nothing to sign in for, it says why"],
    ["lanyard.getStarted", "the walkthrough is for whoever has nothing yet"],
    ["lanyard.runDoctor", "looks at what does not work yet"],
    ["lanyard.removeEverything", "what it removes may lie there without any connector"],
    ["lanyard.showLog", "there is a log from the start"],
  ]);

  it.each(contributes.commands)("$command is offered only where it can do something", (each) => {
    const condition = each.enablement ?? hiddenUnless.get(each.command);
    if (always.has(each.command)) expect(condition).toBeUndefined();
    else expect(condition).toMatch(/./);
  });
});

test("settings are those that the code reads, through one place", () => {
  const declared = Object.keys(contributes.configuration.properties).sort();
  expect(declared).toEqual(settingKeys.map((key) => `lanyard.${key}`).sort());
  const editorsOwn = [
    ...["src/editor/configuration/configurationFiles.ts", "src/editor/proxyHere.ts"],
    "src/editor/vscodeMcp/settings.ts",
  ];
  const whole = ["src/editor/configuration/policies.ts", "src/editor/configuration/settings.ts"];
  expect([...sayers(/\bgetConfiguration\(/)].sort()).toEqual([...editorsOwn, ...whole].sort());
  for (const path of editorsOwn) expect(sources.get(path)).not.toMatch(/getConfiguration\(\s*["'`]lanyard/);
});

test("every setting is read by somebody", () => {
  const all = [...sources].filter(([path]) => path !== "src/editor/manifestNames.ts").map(([, code]) => code);
  const readers = (key: string): boolean =>
    all.some((code) => code.includes(`settingHere("${key}")`)) ||
    key.startsWith("policy.") ||
    key === "restrictions";
  expect(settingKeys.filter((key) => !readers(key))).toEqual([]);
  expect(sources.get("src/editor/configuration/policies.ts")).toContain("settingHere(`policy.${rule}`)");
  expect(sources.get("src/editor/configuration/policies.ts")).toContain(".inspect<unknown>(restrictions)");
});

test("views are those that the code fills", () => {
  const ids = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id));
  expect(ids).toEqual([viewId]);
  expect(sayers(/\bcreateTreeView\((?!viewId\b)/)).toEqual([]);
  for (const { view } of contributes.viewsWelcome) expect(view).toBe(viewId);
  const [empty] = contributes.viewsWelcome.filter(
    ({ contents }) => contents === "%welcome.connectors.empty%",
  );
  expect(empty?.when).toMatch(/&& lanyard\.isKnown$/);
});

describe("context keys", () => {
  const editorsOwn = ["isWorkspaceTrusted", "resourceScheme", "view", "viewItem", "workspaceFolderCount"];
  /** The keys of a clause, without what they are compared with. */
  const keysOf = (clause: string): readonly string[] =>
    clause
      .replaceAll(/(?:=~ \/.*?\/(?= |$)|(?:==|!=|[<>]=?) \S+)/g, "")
      .match(/[A-Za-z][\w.]*/g)
      ?.filter((word) => !["true", "false", "in", "not"].includes(word)) ?? [];
  const events = contributes.walkthroughs.flatMap(({ steps }) =>
    steps.flatMap((each) => each.completionEvents),
  );
  const clauses = [
    ...menuItems.map(({ when }) => when),
    ...contributes.commands.map(({ enablement }) => enablement),
    ...contributes.viewsWelcome.map(({ when }) => when),
    ...Object.values(contributes.views).flatMap((views) => views.map(({ when }) => when)),
    ...events
      .filter((event) => event.startsWith("onContext:"))
      .map((event) => event.replace("onContext:", "")),
  ].filter((clause) => clause !== undefined);
  const used = new Set(clauses.flatMap(keysOf));

  it("are found in a clause", () => {
    expect(keysOf("view == a.b && viewItem =~ /^c\\.(?!d|.* x)/ && !e.f || g > 0")).toEqual([
      ...["view", "viewItem", "e.f", "g"],
    ]);
  });

  it("of clauses are set by the code, or the editor's own", () => {
    const known = new Set<string>([...contextKeys, ...editorsOwn]);
    expect([...used].filter((key) => !known.has(key))).toEqual([]);
  });

  it("of the code are looked at, and set in one place", () => {
    expect(contextKeys.filter((key) => !used.has(key))).toEqual([]);
    expect(sayers(/"setContext"/)).toEqual(["src/editor/status/contextKeys.ts"]);
    for (const key of contextKeys)
      expect(sources.get("src/editor/status/contextKeys.ts")).toContain(`"${key}"`);
  });
});

describe("the walkthrough", () => {
  const [walkthrough] = contributes.walkthroughs;
  const steps = walkthrough?.steps ?? [];

  it("has four steps", () => {
    expect(walkthrough?.id).toBe(walkthroughId);
    expect(steps.map(({ id }) => id)).toEqual(["open", "signIn", "give", "use"]);
  });

  it.each(steps)("$id ends by what the code tells", ({ completionEvents }) => {
    for (const event of completionEvents) {
      expect(event).toMatch(/^on(?:Context|Command):/);
      if (event.startsWith("onCommand:")) expect(allCommands).toContain(event.slice("onCommand:".length));
    }
  });

  it.each(steps)(
    "$id has a picture in the colours of the theme, and words for who does not see it",
    ({ media }) => {
      expect(existsSync(inRoot(media.svg))).toBe(true);
      expect(said(media.altText)).toMatch(/\.$/);
    },
  );

  it.each(steps)(
    "$id has a picture without style sheets, which the editor would not apply",
    async ({ media }) => {
      expect(await text(media.svg)).not.toMatch(/<style|\bstyle=|\bclass=/);
    },
  );

  it("has pictures of at most 12 kB together, without colours of their own but as a fallback", async () => {
    const bytes = steps.map(({ media }) => statSync(inRoot(media.svg)).size);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(12_000);
    for (const { media } of steps)
      expect((await text(media.svg)).replaceAll(/var\(--vscode-[\w-]+,#\w+\)/g, "")).not.toMatch(
        /#[0-9a-f]{3}/i,
      );
  });
});

test("texts lead to commands that there are", () => {
  const editorsOwn = new Set([
    "workbench.action.reloadWindow",
    "workbench.action.files.openFolder",
    "workbench.action.terminal.new",
    "workbench.trust.manage",
    `${viewId}.focus`,
  ]);
  const linked = Object.values(english).flatMap((words) =>
    [...words.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id ?? ""),
  );
  expect(linked).toContain("lanyard.getStarted");
  expect(linked.filter((id) => !editorsOwn.has(id) && !allCommands.some((known) => known === id))).toEqual(
    [],
  );
});
