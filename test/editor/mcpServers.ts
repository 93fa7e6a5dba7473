import type { Locator } from "playwright-core";
import type { Workbench } from "./workbench.ts";

/** What "MCP: List Servers" shows: by collection and name, the state of each server. */
export type McpList = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Row {
  readonly collection: string;
  readonly name: string;
  readonly state: string;
  readonly index: number;
}

/** VS Code's own MCP client, through the menus that it has for people. */
export class McpServers {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Opens the list, reads it and closes it. */
  async list(): Promise<McpList> {
    const rows = await this.#open();
    await this.#workbench.page.keyboard.press("Escape");
    await this.#rows().first().waitFor({ state: "hidden" });
    const list: Record<string, Record<string, string>> = {};
    for (const { collection, name, state } of rows) (list[collection] ??= {})[name] = state;
    return list;
  }

  /** Chooses an action of a server's own menu, such as "Start Server". */
  async act(collection: string, name: string, action: string): Promise<void> {
    const row = (await this.#open()).find((each) => each.collection === collection && each.name === name);
    if (row === undefined) throw new Error(`No server ${name} of ${collection}.`);
    await this.#workbench.page
      .locator(`.quick-input-widget .monaco-list-row[data-index="${row.index}"]`)
      .click();
    await this.#workbench.pick(action);
  }

  /** What the output view shows. */
  async output(): Promise<string> {
    const lines = await this.#workbench.page.locator(".panel .output-view .view-line").allInnerTexts();
    return lines.join("\n").replaceAll("\u00a0", " ");
  }

  async #open(): Promise<readonly Row[]> {
    await this.#workbench.run("MCP: List Servers");
    // The palette's own rows are gone once the list's first one shows.
    await this.#rows().filter({ hasText: "Add Server" }).first().waitFor();
    const read = await this.#rows().evaluateAll((elements) =>
      elements.map((row) => {
        // A row that is used again keeps the separator of the one before, hidden.
        const text = (name: string): string => {
          const element = row.querySelector<HTMLElement>(name);
          return element?.checkVisibility() === true ? element.innerText.trim() : "";
        };
        return {
          separator: text(".quick-input-list-separator"),
          name: text(".label-name"),
          state: text(".label-description"),
          index: Number(row.getAttribute("data-index")),
        };
      }),
    );
    let collection = "";
    return read.slice(1).map(({ separator, ...row }) => {
      if (separator !== "") collection = separator;
      return { collection, ...row };
    });
  }

  #rows(): Locator {
    return this.#workbench.page.locator(".quick-input-widget .monaco-list-row");
  }
}
