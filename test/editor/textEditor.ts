import type { Locator, Page } from "playwright-core";
import type { Workbench } from "./workbench.ts";

/** The text editor in front, as a person reads it and types into it. */
export class TextEditor {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Opens a file of the folder by its name. */
  static async open(workbench: Workbench, name: string): Promise<TextEditor> {
    await workbench.quickly("Control+P", name, () => workbench.pick(name, 5_000));
    const editor = new TextEditor(workbench);
    await editor.#group().locator(".view-line").first().waitFor();
    return editor;
  }

  get #page(): Page {
    return this.#workbench.page;
  }

  #group(): Locator {
    return this.#page.locator(".editor-group-container.active .monaco-editor").first();
  }

  /** The lines that show, without the lenses; blanks as they are. */
  async lines(): Promise<readonly string[]> {
    const lines = await this.#group()
      .locator(".view-lines > .view-line")
      .evaluateAll((all) =>
        all
          .map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent }))
          .sort((a, b) => a.top - b.top)
          .map(({ text }) => text.replaceAll("\u00a0", " ")),
      );
    return lines;
  }

  /** Lanyard's lenses that show, top down: the parts of each, joined by ` | `. */
  async lenses(): Promise<readonly string[]> {
    const lenses = await this.#group()
      .locator(".codelens-decoration")
      .filter({ visible: true })
      .evaluateAll((all) =>
        all.map((lens) => ({
          top: lens.getBoundingClientRect().top,
          parts: lens.textContent.split("|").map((part) => part.replaceAll("\u00a0", " ").trim()),
        })),
      );
    return lenses
      .sort((a, b) => a.top - b.top)
      .map(({ parts }) => parts.filter((part) => part !== "" && !editorsOwn.test(part)).join(" | "))
      .filter((text) => text !== "");
  }

  /** Clicks one of the lenses that are called so. */
  async clickLens(title: string): Promise<void> {
    await this.#group()
      .locator(".codelens-decoration a")
      .filter({ hasText: title, visible: true })
      .first()
      .click();
  }

  /** Puts the cursor there: both count from 1. */
  async goTo(line: number, column: number): Promise<void> {
    await this.#workbench.quickly("Control+G", `:${line}:${column}`, (box) =>
      box.press("Enter", { timeout: 5_000 }),
    );
    await this.#page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await this.#page.locator(".editor-group-container.active .monaco-editor.focused").first().waitFor();
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  async press(key: string): Promise<void> {
    await this.#page.keyboard.press(key);
  }

  /** What completion offers at the cursor. */
  async suggestions(): Promise<readonly string[]> {
    await this.#page.keyboard.press("Control+Space");
    const rows = this.#page.locator(".suggest-widget.visible .monaco-list-row");
    await rows.first().waitFor();
    return rows.locator(".label-name").allInnerTexts();
  }

  async accept(suggestion: string): Promise<void> {
    await this.#page
      .locator(".suggest-widget.visible .monaco-list-row")
      .filter({ hasText: suggestion })
      .first()
      .click();
  }

  /** What hovering at the cursor shows. */
  async hover(): Promise<string> {
    await this.#page.keyboard.press("Control+K");
    await this.#page.keyboard.press("Control+I");
    const hover = this.#page.locator(
      ".monaco-hover:not(.hidden) .hover-contents, .monaco-hover:not(.hidden) .monaco-hover-content",
    );
    await hover.first().waitFor();
    return (await hover.allInnerTexts()).join("\n");
  }

  /** The titles of what can be done at the cursor. */
  async quickFixes(): Promise<readonly string[]> {
    const rows = this.#page.locator(".action-widget .monaco-list-row.action");
    for (let tries = 1; !(await rows.first().isVisible()); tries += 1) {
      await this.#page.keyboard.press("Control+.");
      // A problem that changes just then takes the menu away, as a person would see, and open it again.
      await rows
        .first()
        .waitFor({ timeout: 10_000 })
        .catch((error: unknown) => {
          if (tries === 4) throw error;
        });
    }
    return rows.locator(".title").allInnerTexts();
  }

  async chooseFix(title: string): Promise<void> {
    await this.#page
      .locator(".action-widget .monaco-list-row.action")
      .filter({ hasText: title })
      .first()
      .click();
    await this.#page.locator(".action-widget:not(.action-list-submenu-panel)").waitFor({ state: "hidden" });
  }

  async save(): Promise<void> {
    await this.#page.keyboard.press("Control+S");
  }

  /** Every problem that the Problems view shows, as a screen reader says it; without the editor's own MCP client's. */
  async problems(): Promise<readonly string[]> {
    const panel = this.#page.locator(".markers-panel");
    if (!(await panel.isVisible())) {
      await this.#page.keyboard.press("Control+Shift+M");
      await panel.waitFor();
    }
    const spoken = await panel
      .locator('.monaco-list-row[aria-level="2"]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
    return spoken.filter((text) => !text.includes("not found, did you mean ${"));
  }
}

/** Lenses of the editor's own MCP client, which stand on the same line. */
const editorsOwn =
  /^[^\w]*(?:Start|Stop|Restart|Running|Starting|Error|Show Output|Cancel|Authenticate|More\.\.\.|\d+ tools?)$/;
