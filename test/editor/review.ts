import type { FrameLocator, Locator, Page } from "playwright-core";
import type { Workbench } from "./workbench.ts";
import { awaitedLater } from "../support/awaitedLater.ts";

/** The page "Review Connectors" of a window, as a person reads and presses it. */
export class ReviewPage {
  readonly #workbench: Workbench;
  readonly #page: Page;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.#page = workbench.page;
  }

  /** What the page holds: a frame in the editor's frame. */
  get frame(): FrameLocator {
    return this.#page.frameLocator("iframe.webview.ready:visible").frameLocator("#active-frame");
  }

  /**
   * Waits until the page shows what there is to review. The editor in a browser sometimes leaves the frame of a page
   * empty, where another of its windows has just begun to serve frames; it loads them again when it is told to.
   */
  async opened(): Promise<void> {
    const heading = this.frame.getByRole("heading", { level: 1 });
    for (let tries = 1; tries < 4 && !(await showsWithin(heading, 15_000)); tries += 1) {
      if (await this.#tab().isVisible()) await this.#workbench.run("Developer: Reload Webviews");
    }
    await heading.waitFor();
  }

  #tab(): Locator {
    return this.#page.getByRole("tab", { name: /^Review Connectors/ });
  }

  entry(name: string): Locator {
    return this.frame.getByRole("article").filter({ has: this.frame.getByRole("heading", { name }) });
  }

  async text(): Promise<string> {
    await this.opened();
    return this.frame.locator("main").innerText();
  }

  async approve(name: string): Promise<void> {
    await this.frame.getByRole("button", { name: `Approve ${name}`, exact: true }).click();
  }

  async takeBack(name: string): Promise<void> {
    await this.frame.getByRole("button", { name: `Take back ${name}`, exact: true }).click();
  }

  /** Approves whatever waits: all at once where the page offers that, and one after the other what is left. */
  async approveAll(): Promise<void> {
    await this.opened();
    await this.frame.locator('button[data-act^="approve"]').first().waitFor();
    for (const act of ["approveAll", "approve"]) {
      const button = this.frame.locator(`button[data-act="${act}"]`).first();
      while (await button.isVisible().catch(() => false)) {
        const drawn = await this.frame.locator("main").getAttribute("data-content");
        await button.click();
        // Drawn anew, or closed with the last decision.
        await this.frame.locator(`main[data-content="${drawn ?? ""}"]`).waitFor({ state: "hidden" });
      }
    }
  }

  #isOpen(): Promise<boolean> {
    return this.#tab().isVisible();
  }

  /** Closes the page, where it has not closed itself. */
  async closeIfOpen(): Promise<void> {
    if (await this.#isOpen()) await this.close();
  }

  async close(): Promise<void> {
    const closed = awaitedLater(this.#tab().waitFor({ state: "hidden" }));
    // With the last decision it closes by itself, maybe under the pointer.
    this.frame
      .getByRole("button", { name: "Close", exact: true })
      .click()
      .catch(() => undefined);
    await closed;
  }
}

/** Approves everything on the page that a command has opened, and closes it. */
export const approveAll = async (workbench: Workbench): Promise<void> => {
  const page = new ReviewPage(workbench);
  await page.approveAll();
  await page.closeIfOpen();
};

/** The same, where anything waits: a sign-in goes on to its own dialog where nothing does. */
export const approveWhatWaits = async (workbench: Workbench): Promise<void> => {
  const dialog = awaitedLater(workbench.page.locator(".monaco-dialog-box").waitFor());
  const page = awaitedLater(new ReviewPage(workbench).opened());
  const first = await Promise.race([dialog.then(() => "dialog"), page.then(() => "page")]);
  await (first === "page" ? approveAll(workbench) : dialog);
};

const showsWithin = (locator: Locator, timeout: number): Promise<boolean> =>
  locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
