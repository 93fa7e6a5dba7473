import { mkdir } from "node:fs/promises";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { inRoot } from "../../scripts/support/paths.ts";
import { awaitedLater } from "../support/awaitedLater.ts";

/** One row of Lanyard's tree, as a person reads it. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly spoken: string;
}

export interface Dialog {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
}

/** One window of the editor, driven as a person would: by what is seen, clicked and typed. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(context: BrowserContext, url: string): Promise<Workbench> {
    const workbench = new Workbench(await context.newPage());
    await workbench.page.goto(url);
    await workbench.loaded();
    return workbench;
  }

  /** Waits until the window has its parts and has restored what it shows. */
  async loaded(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar .statusbar-item").first().waitFor();
    await this.page.locator(".activitybar .action-item").first().waitFor();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.loaded();
  }

  /**
   * Waits until the explorer lists the folders of a workspace. An editor that begins before it can read the workspace's
   * file takes it for one without folders, and keeps to that until the window is loaded again.
   */
  async hasFolders(...names: readonly string[]): Promise<void> {
    const listed = this.page.locator(".explorer-folders-view .monaco-list-row .label-name");
    const [first = ""] = names;
    for (let tries = 1; tries < 8; tries += 1) {
      if (await showsSoon(listed.getByText(first, { exact: true }))) break;
      await this.reload();
    }
    for (const name of names) await listed.getByText(name, { exact: true }).waitFor();
  }

  /** Trusts the folder, in the dialog that asks for it. */
  async trust(): Promise<void> {
    await this.page.locator(".monaco-dialog-box").filter({ hasText: "trust the authors" }).waitFor();
    await this.answer(/^Yes/);
    await this.page
      .locator(".statusbar-item")
      .filter({ hasText: "Restricted Mode" })
      .waitFor({ state: "hidden" });
  }

  /** Declines to trust the folder, in the dialog that asks for it. */
  async distrust(): Promise<void> {
    await this.page.locator(".monaco-dialog-box").filter({ hasText: "trust the authors" }).waitFor();
    await this.answer(/^No/);
  }

  /** Trusts a folder that was not trusted at first, in the editor that the status bar leads to. */
  async trustAfterAll(): Promise<void> {
    const restricted = this.page.locator(".statusbar-item").filter({ hasText: "Restricted Mode" });
    await restricted.click();
    const modal = this.page.locator(".monaco-modal-editor-block");
    await modal.getByRole("button", { name: "Trust", exact: true }).click();
    await modal.getByRole("button", { name: "Close" }).click();
    await restricted.waitFor({ state: "hidden" });
  }

  /** Runs a command by the title that the palette shows, such as "Lanyard: Sign In". */
  async run(title: string): Promise<void> {
    await this.quickly("F1", `>${title}`, () => this.pick(title, 5_000));
  }

  /**
   * Opens the editor's quick input by its keys, types, and goes on. It lists what there was when it was typed into, and
   * goes when a dialog or a page beside it takes the focus: then a person opens it again.
   */
  async quickly(keys: string, text: string, goOn: (box: Locator) => Promise<void>): Promise<void> {
    const box = this.quickPick().locator("input");
    for (let tries = 1; ; tries += 1) {
      await this.page.keyboard.press(keys);
      try {
        await box.fill(text, { timeout: 5_000 });
        await goOn(box);
        return;
      } catch (error) {
        if (tries === 10) throw error;
      }
      // One that is open stays as it is: neither the keys nor the same words make it list anew.
      if (await box.isVisible()) await this.page.keyboard.press("Escape");
    }
  }

  /** The quick pick's rows, once it shows any. */
  async picks(): Promise<readonly string[]> {
    const rows = this.quickPick().locator(".monaco-list-row");
    await rows.first().waitFor();
    return rows.locator(".label-name").allInnerTexts();
  }

  /** Picks the row of the quick pick that is called so. */
  async pick(label: string, timeoutMs = 60_000): Promise<void> {
    const name = this.page.locator(".label-name").getByText(label, { exact: true });
    const row = this.quickPick().locator(".monaco-list-row").filter({ has: name }).first();
    await row.click({ timeout: timeoutMs });
  }

  /** Types into the input box or quick pick that is open, and accepts. */
  async type(text: string): Promise<void> {
    const input = this.quickPick().locator("input");
    await input.fill(text);
    // Into the box, wherever the box before it has just put the focus.
    await input.press("Enter");
  }

  /** Types into the input box that is open, and leaves it open. */
  async fill(text: string): Promise<void> {
    await this.quickPick().locator("input").fill(text);
  }

  private quickPick(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  /** The modal dialog, once there is one. */
  async dialog(): Promise<Dialog> {
    const box = this.page.locator(".monaco-dialog-box");
    await box.waitFor();
    const text = async (selector: string): Promise<string> =>
      (await box.locator(selector).allInnerTexts()).join("\n").trim();
    return {
      message: await text(".dialog-message-text"),
      detail: await text(".dialog-message-detail"),
      buttons: await box.locator(".dialog-buttons .monaco-button").allInnerTexts(),
    };
  }

  /** Clicks a button of the modal dialog, and waits until that dialog is gone. */
  async answer(button: string | RegExp): Promise<void> {
    const box = await this.page.locator(".monaco-dialog-box").elementHandle();
    await this.page.locator(".monaco-dialog-box").getByRole("button", { name: button }).click();
    await box.waitForElementState("hidden").catch(() => undefined);
  }

  /** The text of the notification that contains `text`, once it shows. */
  async notification(text: string | RegExp): Promise<string> {
    const message = this.toast(text).locator(".notification-list-item-message");
    await message.waitFor();
    return (await message.innerText()).trim();
  }

  /** Clicks a button of the notification that contains `text`. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    await this.toast(text).getByRole("button", { name: button, exact: true }).click();
  }

  /** Waits until no notification contains `text`. */
  async notificationGone(text: string | RegExp): Promise<void> {
    await this.toast(text).waitFor({ state: "hidden" });
  }

  /** Every notification that shows at this moment. */
  async notifications(): Promise<readonly string[]> {
    return this.page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
  }

  private toast(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast").filter({ hasText: text }).first();
  }

  /** Shows Lanyard's view container, if it does not show. */
  async showLanyard(): Promise<void> {
    const shown = this.lanyardView();
    for (let tries = 1; !(await shown.isVisible()); tries += 1) {
      // The badge lies over the icon, as a part of the same button.
      await this.lanyardIcon().locator(".action-label").click({ force: true });
      // A window that is just restoring the view takes the click for the wish to hide it.
      const timeout = tries < 4 ? 5_000 : 60_000;
      await shown.waitFor({ timeout }).catch((error: unknown) => {
        if (tries === 4) throw error;
      });
    }
  }

  private lanyardIcon(): Locator {
    return this.page.locator('.activitybar .action-item:has(.action-label[aria-label^="Lanyard"])');
  }

  private lanyardView(): Locator {
    return this.page.locator('.sidebar .composite.viewlet[id="workbench.view.extension.lanyard"]');
  }

  /** The number on Lanyard's icon; `undefined` without one. */
  async badge(): Promise<string | undefined> {
    const badge = this.lanyardIcon().locator(".badge-content");
    return (await badge.isVisible()) ? badge.innerText() : undefined;
  }

  /** The rows of Lanyard's tree that show at this moment: read at once, for a row may go while another is read. */
  async tree(): Promise<readonly TreeRow[]> {
    const rows = this.lanyardView().locator('.monaco-list-row[role="treeitem"]');
    return rows.evaluateAll((elements) =>
      elements.map((row) => {
        const text = (name: string): string => row.querySelector<HTMLElement>(name)?.innerText ?? "";
        return {
          label: text(".label-name"),
          description: text(".label-description"),
          spoken: row.getAttribute("aria-label") ?? "",
        };
      }),
    );
  }

  /** What a row says when the pointer rests on it: asked for only then. */
  async tooltip(label: string): Promise<string> {
    const hover = this.page.locator(".workbench-hover:visible").last();
    await this.page.mouse.move(0, 0);
    await this.treeRow(label).locator(".label-name").hover();
    await hover.waitFor();
    return hover.innerText();
  }

  /** Gives Lanyard's tree the keyboard, as its command does. */
  async focusTree(): Promise<void> {
    await this.run("Lanyard: Focus on Connectors View");
    await this.lanyardView().locator(".monaco-list:focus").waitFor();
  }

  /** What a screen reader says of the row that the keyboard is on. */
  async spokenRow(): Promise<string> {
    const focused = this.lanyardView().locator('.monaco-list-row.focused[role="treeitem"]');
    return (await focused.getAttribute("aria-label")) ?? "";
  }

  /** The entries of the menu that is open. */
  async menu(): Promise<readonly string[]> {
    const labels = this.page.locator(".monaco-menu .action-menu-item .action-label");
    await labels.first().waitFor();
    return labels.allInnerTexts();
  }

  /** The row of Lanyard's tree that is called so. */
  treeRow(label: string): Locator {
    const name = this.page.locator(".label-name").getByText(label, { exact: true });
    return this.lanyardView().locator('.monaco-list-row[role="treeitem"]').filter({ has: name });
  }

  /** Clicks an inline action of a row, by its title. */
  async treeAction(label: string, action: string): Promise<void> {
    const row = this.treeRow(label);
    const button = row.locator(".action-label").and(this.page.getByLabel(action, { exact: true }));
    for (let tries = 1; ; tries += 1) {
      // A row that is drawn anew under a pointer that rests shows no buttons.
      await this.page.mouse.move(0, 0);
      await row.hover();
      try {
        await button.click({ timeout: 4_000 });
        return;
      } catch (error) {
        if (tries === 5) throw error;
      }
    }
  }

  /** Whether the view's progress bar moves. */
  async isBusy(): Promise<boolean> {
    return this.page.locator(".sidebar .monaco-progress-container.active").first().isVisible();
  }

  /** What the view says above its rows; empty where it says nothing. */
  async viewMessage(): Promise<string> {
    const message = this.lanyardView().locator(".tree-explorer-viewlet-tree-view > .message");
    return (await message.isVisible()) ? (await message.innerText()).trim() : "";
  }

  /** Closes every notification that shows. */
  async dismissNotifications(): Promise<void> {
    await this.run("Notifications: Clear All Notifications");
  }

  /** What the view says where it has no rows. */
  async welcome(): Promise<string> {
    return (await this.lanyardView().locator(".welcome-view-content").allInnerTexts()).join("\n").trim();
  }

  /** A button of what the view says where it has no rows. */
  welcomeButton(label: string): Locator {
    return this.lanyardView().locator(".welcome-view-content").getByRole("button", { name: label });
  }

  /** The steps of the walkthrough that is open. */
  async walkthrough(): Promise<readonly { readonly title: string; readonly isDone: boolean }[]> {
    return this.page.locator(".getting-started-step").evaluateAll((steps) =>
      steps.map((step) => ({
        title: step.querySelector<HTMLElement>(".step-title")?.innerText.trim() ?? "",
        isDone: step.getAttribute("aria-checked") === "true",
      })),
    );
  }

  /** A step of the walkthrough that is open, by its title. */
  walkthroughStep(title: string): Locator {
    return this.page.locator(".getting-started-step").filter({ hasText: title }).locator(".step-title");
  }

  /** How many colours the picture of the step that is chosen has; shapes without one cannot be seen. */
  async pictureColours(): Promise<number> {
    const picture = this.page.frameLocator("iframe.webview.ready").frameLocator("iframe").locator("svg");
    await picture.waitFor();
    const colours = await picture.locator("path, rect, circle").evaluateAll((shapes) =>
      shapes.flatMap((shape) => {
        const { fill, stroke } = getComputedStyle(shape);
        return [fill, stroke];
      }),
    );
    return new Set(colours.filter((colour) => colour !== "none")).size;
  }

  /** The texts of the status bar's items. */
  async statusBar(): Promise<readonly string[]> {
    const texts = await this.page.locator(".statusbar-item").allInnerTexts();
    return texts.map((text) => text.trim()).filter((text) => text !== "");
  }

  /** The page that `action` opens, past the editor's question whether it may; the question shows the address. */
  async opens(action: () => Promise<void>): Promise<Page> {
    // As long as a test may take: what the action waits for has limits of its own.
    const opened = awaitedLater(this.page.context().waitForEvent("page", { timeout: 120_000 }));
    await action();
    const question = this.page.locator(".monaco-dialog-box").filter({ hasText: "open the external website" });
    await Promise.race([
      opened,
      question.waitFor().then(
        () => this.answer("Open"),
        () => undefined,
      ),
    ]);
    const page = await opened;
    await page.waitForLoadState();
    return page;
  }

  /** Keeps what the window shows as `artifacts/screenshots/NAME.png`. */
  async screenshot(name: string): Promise<string> {
    const folder = inRoot("artifacts/screenshots");
    await mkdir(folder, { recursive: true });
    const path = `${folder}/${name}.png`;
    await this.page.screenshot({ path, animations: "disabled" });
    return path;
  }
}

const showsSoon = (locator: Locator): Promise<boolean> =>
  locator.waitFor({ timeout: 5_000 }).then(
    () => true,
    () => false,
  );
