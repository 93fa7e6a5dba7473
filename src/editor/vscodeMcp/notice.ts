import * as vscode from "vscode";
import type { Closed } from "../../core/mcp/editorClient/access.ts";
import { plainText } from "../../core/text.ts";

const t = vscode.l10n.t;

/** What there is to say of the editor's own MCP client, above the connectors. */
export type McpNotice =
  /** A setting keeps it from running any server of ours. */
  | { readonly kind: "closed"; readonly by: Closed }
  /** Lists of allowed or denied servers keep it from running these. */
  | { readonly kind: "refused"; readonly names: readonly string[] }
  /** It reads these from `.mcp.json` itself, without their sign-in, until the person prefers ours. */
  | { readonly kind: "twins"; readonly names: readonly string[] };

export interface McpNoticeRow {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly contextValue: string;
}

export const mcpNoticeRow = (notice: McpNotice): McpNoticeRow => {
  const label = t("Chat in VS Code");
  switch (notice.kind) {
    case "closed":
      return {
        label,
        description: t("runs no connector: {0} is {1}", notice.by.setting, notice.by.value),
        icon: "circle-slash",
        contextValue: "mcp.closed",
      };
    case "refused":
      return {
        label,
        description: t("may not run {0}", listed(notice.names)),
        icon: "circle-slash",
        contextValue: "mcp.refused",
      };
    case "twins":
      return {
        label,
        description: t("does not use these sign-ins yet"),
        icon: "comment-discussion",
        contextValue: "mcp.twins",
      };
  }
};

export const mcpNoticeTooltip = (notice: McpNotice): string => {
  switch (notice.kind) {
    case "closed":
      return t(
        "VS Code's setting {0} is {1}, so its chat runs no connector of Lanyard. Your administrator may have set it. Claude Code is not affected.",
        notice.by.setting,
        notice.by.value,
      );
    case "refused":
      return t(
        "VS Code's lists of allowed and denied MCP servers keep its chat from running {0}. Your administrator keeps these lists. Claude Code is not affected.",
        listed(notice.names),
      );
    case "twins":
      return t(
        "VS Code reads .mcp.json by itself, and knows nothing of the sign-in in it: its own servers {0} start without a credential. Choose Lanyard's servers in their place.",
        listed(notice.names),
      );
  }
};

const listed = (names: readonly string[]): string => names.map((name) => plainText(name, 40)).join(", ");
