/** Takes the pictures of the documentation in the real editor: `npm run screenshots`. They go to docs/images/. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Admin } from "../test/editor/admin.ts";
import { startWorld, type World } from "../test/editor/harness.ts";
import { logIn, personOf } from "../test/editor/people.ts";
import { Shell } from "../test/editor/shell.ts";
import { TextEditor } from "../test/editor/textEditor.ts";
import type { Workbench } from "../test/editor/workbench.ts";
import { build } from "./build.ts";
import { packVsix } from "./package.ts";
import { inRoot } from "./support/paths.ts";
import { approveAll, ReviewPage } from "../test/editor/review.ts";

const folder = inRoot("docs/images");
/** Wide enough for what a row has to say. */
const viewWidth = 560;
const sashAt = 350;

/** One run through everything that a person can see, with a camera. */
class Tour {
  readonly #world: World;
  readonly #workbench: Workbench;
  readonly #admin: Admin;
  readonly #shell: Shell;

  constructor(world: World, workbench: Workbench) {
    this.#world = world;
    this.#workbench = workbench;
    this.#admin = new Admin(world);
    this.#shell = new Shell(world);
  }

  async run(): Promise<void> {
    await this.#beforeSignIn();
    await this.#signIn();
    await this.#authorize();
    await this.#reauthenticate();
    await this.#confirmOnPage();
    await this.#push();
    await this.#otherStates();
    await this.#signOut();
  }

  async #beforeSignIn(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.showLanyard();
    await this.#widen();
    await this.#shows("github", /not trusted/);
    await this.#view("untrusted");
    await this.#trust();
    await this.#shows("github", /^Needs your approval/);
    await this.#view("needs-approval");
  }

  async #signIn(): Promise<void> {
    const workbench = this.#workbench;
    const page = await workbench.opens(async () => {
      await workbench.run("Lanyard: Sign In");
      await this.#review();
      await approveAll(workbench);
      await workbench.answer("Allow");
    });
    await logIn(page, personOf(this.#world, "alice"));
    await page.getByText("You are signed in").waitFor();
    await page.close();
    await this.#shows("pagerduty", /^Step-up needed/);
    await workbench.notification(/need you/);
    await this.#window("notification");
    await workbench.dismissNotifications();
    await this.#view("connectors");
    await this.#tooltip("pagerduty", "tooltip");
    await this.#whole();
  }

  /** What is agreed to, as the page shows it. */
  async #review(): Promise<void> {
    await new ReviewPage(this.#workbench).opened();
    await this.#window("review");
  }

  /** Both in one picture: the view, and the file with what its lenses say. */
  async #whole(): Promise<void> {
    const workbench = this.#workbench;
    await workbench.page.setViewportSize({ width: 1440, height: 900 });
    const file = await TextEditor.open(workbench, ".mcp.json");
    await file.goTo(9, 1);
    await workbench.page.locator(".codelens-decoration").getByText(/Ready/).first().waitFor();
    await this.#window("lanyard");
    await workbench.run("View: Close All Editors");
    await workbench.page.setViewportSize({ width: 1280, height: 800 });
  }

  async #authorize(): Promise<void> {
    const workbench = this.#workbench;
    const page = await workbench.opens(async () => {
      await workbench.treeAction("notion", "Authorize");
      await workbench.dialog();
      await this.#dialog("authorize-address");
      await workbench.answer("Open in Browser");
    });
    await this.#shows("notion", /^Waiting/);
    await this.#page(page, "authorize-page");
    await this.#view("authorize-waiting", "notion");
    await page.getByRole("button", { name: /^Connect/ }).click();
    await this.#shows("notion", /^Ready/);
    await page.close();
  }

  async #reauthenticate(): Promise<void> {
    const page = await this.#workbench.opens(() => this.#workbench.treeAction("pagerduty", "Step Up"));
    await page.locator("[name=otp]").waitFor();
    await this.#page(page, "step-up-code");
    await this.#view("step-up-waiting", "pagerduty");
    await page.fill("[name=otp]", personOf(this.#world, "alice").otp);
    await page.click("[type=submit]");
    await page.getByText("You are signed in").waitFor();
    await page.close();
    await this.#shows("pagerduty", /^Ready/);
  }

  async #confirmOnPage(): Promise<void> {
    const workbench = this.#workbench;
    await this.#admin.setPolicy("github", { state: "step-up", method: "url" });
    await workbench.treeAction("github", "Check Now");
    await this.#shows("github", /^Step-up needed/);
    const page = await workbench.opens(async () => {
      await workbench.treeAction("github", "Step Up");
      await workbench.dialog();
      await workbench.answer("Open in Browser");
    });
    await this.#page(page, "step-up-page");
    await page.getByRole("button", { name: /^Allow/ }).click();
    await this.#shows("github", /^Ready/);
    await page.close();
  }

  async #push(): Promise<void> {
    await this.#workbench.dismissNotifications();
    await this.#demandPush();
    await this.#workbench.notification(/on your phone/);
    await this.#window("push-notification");
    await this.#workbench.dismissNotifications();
    await this.#view("push-waiting", "salesforce");
    const phone = await this.#world.context.newPage();
    await phone.goto(this.#admin.phone);
    await this.#page(phone, "push-phone");
    await phone.getByRole("button", { name: "Approve" }).click();
    await phone.getByText("Nothing to approve").waitFor();
    await phone.close();
    await this.#shows("salesforce", /^Ready/);
    await this.#view("push-approved", "salesforce");

    await this.#demandPush();
    await this.#admin.decide("salesforce", "reject");
    await this.#shows("salesforce", /^Denied/);
    await this.#view("push-rejected", "salesforce");

    await this.#demandPush();
    await this.#workbench.treeAction("salesforce", "Cancel Waiting");
    await this.#shows("salesforce", /^Step-up needed/);
    await this.#view("push-cancelled", "salesforce");

    await this.#demandPush();
    await this.#shows("salesforce", /^Denied.*in time/, 90_000);
    await this.#view("push-expired", "salesforce");
    await this.#admin.setPolicy("salesforce", { state: "allow" });
    await this.#workbench.treeAction("salesforce", "Check Now");
    await this.#shows("salesforce", /^Ready/);
  }

  /** As a helper causes it, with nobody in the view. */
  async #demandPush(): Promise<void> {
    await this.#admin.setPolicy("salesforce", { state: "step-up", method: "push" });
    void this.#shell.helper("salesforce");
    await this.#shows("salesforce", /^Approve on your phone/);
  }

  /** What the demo's policies do not bring about by themselves: an outage, an approval by somebody else, a mistake. */
  async #otherStates(): Promise<void> {
    const { workspace } = this.#world;
    await this.#admin.setPolicy("linear", { state: "down" });
    await this.#workbench.treeAction("linear", "Check Now");
    await this.#shows("linear", /^Unavailable/);
    const script = join(workspace, "scripts/get-sentry-headers.sh");
    const before = await readFile(script, "utf8");
    const reason = { error: "authorization_pending", error_description: "The lead on call has to approve." };
    const pending = JSON.stringify({ ...reason, interval: 60, expires_in: 900 });
    await writeFile(script, `#!/bin/sh\necho '${pending}' >&2\nexit 1\n`);
    await this.#workbench.treeAction("sentry", "Check Now");
    await this.#shows("sentry", /^Waiting for approval/);
    const file = join(workspace, ".mcp.json");
    const entries = await readFile(file, "utf8");
    await writeFile(file, entries.replace(/"source": "token-exchange"/, '"source": "token-exchang"'));
    await this.#shows("salesforce", /token-exchang/);
    await this.#workbench.page.mouse.move(900, 400);
    await this.#view("other-states");
    await writeFile(file, entries);
    await this.#workbench.treeAction("sentry", "Cancel Waiting");
    await writeFile(script, before.replace("set -eu", "set -eu\nsleep 3"));
    await this.#workbench.treeAction("sentry", "Check Now");
    await this.#shows("sentry", /^Checking/);
    await this.#view("checking", "sentry");
    await this.#shows("sentry", /^Ready/);
  }

  async #signOut(): Promise<void> {
    await this.#workbench.run("Lanyard: Sign Out");
    await this.#shows("github", /^Signed out/);
    await this.#view("signed-out");
  }

  /** By the way that stands open for who was not asked at the start: no dialog lies over the picture before. */
  async #trust(): Promise<void> {
    const { page } = this.#workbench;
    const restricted = page.locator(".statusbar-item").filter({ hasText: "Restricted Mode" });
    await restricted.click();
    await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
    await restricted.waitFor({ state: "hidden" });
    await this.#workbench.run("View: Close All Editors");
  }

  async #widen(): Promise<void> {
    const { mouse } = this.#workbench.page;
    await mouse.move(sashAt, 600);
    await mouse.down();
    await mouse.move(sashAt + 60, 600);
    await mouse.move(viewWidth, 600, { steps: 5 });
    await mouse.up();
  }

  async #shows(name: string, expected: RegExp, withinMs = 30_000): Promise<void> {
    const untilMs = Date.now() + withinMs;
    for (;;) {
      const row = (await this.#workbench.tree()).find(({ label }) => label === name);
      if (expected.test(row?.description ?? "")) return;
      if (Date.now() > untilMs) throw new Error(`${name} shows "${row?.description ?? ""}" at last.`);
      await this.#workbench.page.waitForTimeout(100);
    }
  }

  async #window(name: string): Promise<void> {
    await this.#rest();
    await this.#workbench.page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  }

  /** The view alone: all rows, or those around one. */
  async #view(name: string, around?: string): Promise<void> {
    await this.#rest();
    const rows = this.#workbench.page.locator('.sidebar .monaco-list-row[role="treeitem"]');
    const boxes = await Promise.all((await rows.all()).map((row) => row.boundingBox()));
    const bottom = Math.max(...boxes.map((box) => (box === null ? 0 : box.y + box.height)));
    const row = around === undefined ? null : await this.#workbench.treeRow(around).boundingBox();
    const end = row === null ? bottom + 8 : Math.min(bottom + 8, row.y + 3 * row.height);
    const top = (await this.#workbench.page.locator(".part.sidebar").boundingBox())?.y ?? 36;
    const clip = { x: 48, y: top, width: viewWidth - 52, height: end - top };
    await this.#workbench.page.screenshot({
      path: join(folder, `${name}.png`),
      animations: "disabled",
      clip,
    });
  }

  async #dialog(name: string): Promise<void> {
    const box = this.#workbench.page.locator(".monaco-dialog-box");
    await box.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  }

  async #tooltip(label: string, name: string): Promise<void> {
    const { page } = this.#workbench;
    await this.#workbench.treeRow(label).hover();
    const hover = page.locator(".monaco-hover:visible, .workbench-hover:visible").first();
    await hover.waitFor();
    await page.waitForTimeout(500);
    await hover.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
    await this.#rest();
  }

  /** A page of the company, without the empty space around it. */
  async #page(page: Page, name: string): Promise<void> {
    await page.setViewportSize({ width: 560, height: 480 });
    const card = await page.locator("main").boundingBox();
    const height = card === null ? 480 : Math.min(480, Math.ceil(card.y + card.height + 24));
    const clip = { x: 0, y: 0, width: 560, height };
    await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled", clip });
  }

  /** The pointer away from everything that answers to it. */
  async #rest(): Promise<void> {
    const { page } = this.#workbench;
    await page.bringToFront();
    await page.mouse.move(920, 690);
    await page.waitForTimeout(300);
  }
}

await mkdir(folder, { recursive: true });
await build();
await packVsix();
await using world = await startWorld({
  name: "screenshots",
  pushSeconds: 40,
  settings: { "security.workspace.trust.startupPrompt": "never" },
});
await new Tour(world, await world.openWorkbench()).run();
console.error(`The pictures are in ${folder}.`);
