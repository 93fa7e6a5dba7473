import * as vscode from "vscode";
import * as z from "zod";
import type { MemoryPort } from "../../core/ports.ts";
import { openInput, pickOne } from "../screen.ts";
import type { ConnectorsView } from "./connectorsView.ts";
import { groupings, type Grouping } from "./grouping.ts";

const t = vscode.l10n.t;
const groupingKey = "lanyard.grouping";
const kept = z.enum(groupings).optional().catch(undefined);

/** Typing goes on faster than rows are worth drawing. */
const typingMs = 150;

/** How the person wants to see the rows: the grouping is kept for the workspace, a filter for this window. */
export class Arranging {
  readonly #view: ConnectorsView;
  readonly #memory: MemoryPort;

  constructor(view: ConnectorsView, workspaceMemory: MemoryPort) {
    this.#view = view;
    this.#memory = workspaceMemory;
    view.setGrouping(kept.parse(workspaceMemory.get(groupingKey)));
  }

  /** "Group Connectors By…". */
  async group(): Promise<void> {
    const items = groupings.map((grouping) => ({
      ...wordsOf(grouping),
      ...(grouping === this.#view.grouping ? { description: t("current") } : {}),
      grouping,
    }));
    const placeHolder = t("What should the connectors be grouped by?");
    const chosen = await pickOne(items, { placeHolder });
    if (chosen === undefined) return;
    this.#view.setGrouping(chosen.grouping);
    await this.#memory.update(groupingKey, chosen.grouping);
  }

  /** "Filter Connectors…": the rows follow the typing; Escape brings back what was. */
  filter(): Promise<void> {
    const before = this.#view.filter;
    const prompt = t("Words of the name, host, identity provider, status or folder. Empty shows all.");
    const input = openInput(prompt).box;
    input.title = t("Filter connectors");
    input.value = before;
    // A look at the rows, by a click, is no end of the search.
    input.ignoreFocusOut = true;
    input.show();
    let isAccepted = false;
    let typing: ReturnType<typeof setTimeout> | undefined;
    input.onDidChangeValue((value) => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#view.setFilter(value), typingMs);
    });
    input.onDidAccept(() => {
      isAccepted = true;
      input.hide();
    });
    return new Promise((resolve) => {
      input.onDidHide(() => {
        clearTimeout(typing);
        this.#view.setFilter(isAccepted ? input.value : before);
        input.dispose();
        resolve();
      });
    });
  }

  /** "Clear Filter". */
  clearFilter(): void {
    this.#view.setFilter("");
  }
}

const wordsOf = (grouping: Grouping): { readonly label: string; readonly detail: string } => {
  switch (grouping) {
    case "none":
      return { label: t("Nothing"), detail: t("One list, as the files name them") };
    case "identityProvider":
      return {
        label: t("Identity provider"),
        detail: t("Each with its account and the connectors it serves"),
      };
    case "status":
      return { label: t("Status"), detail: t("What needs you first, what is ready last") };
    case "folder":
      return { label: t("Folder"), detail: t("Where there are several: as the explorer names them") };
  }
};
