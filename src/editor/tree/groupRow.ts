import * as vscode from "vscode";
import type { Group } from "./nodes.ts";
import { plainText } from "../../core/text.ts";
import { hostOf } from "../../core/urls.ts";
import { iconOf, lookOfKind } from "../status/statusLook.ts";

const t = vscode.l10n.t;

export interface GroupRow {
  readonly label: string;
  readonly description: string;
  readonly icon: vscode.ThemeIcon;
  readonly contextValue: string;
  readonly spoken: string;
}

/** The row over connectors that have something in common. */
export const groupRow = (group: Group, size: number): GroupRow => ({
  label: groupLabel(group),
  description: String(size),
  icon: iconOfGroup(group),
  contextValue: `group.${group.kind}`,
  spoken: size === 1 ? t("1 connector") : t("{0} connectors", size),
});

export const groupTooltip = (group: Group, size: number): string => {
  const { spoken } = groupRow(group, size);
  const name = group.kind === "identityProvider" ? (group.issuer ?? groupLabel(group)) : groupLabel(group);
  return `${plainText(name)}: ${spoken}`;
};

const groupLabel = (group: Group): string => {
  switch (group.kind) {
    case "identityProvider":
      return group.issuer === undefined ? t("Entries with mistakes") : hostOf(group.issuer);
    case "status":
      return lookOfKind(group.status).label;
    case "folder":
      return plainText(group.name, 80);
  }
};

const iconOfGroup = (group: Group): vscode.ThemeIcon => {
  switch (group.kind) {
    case "identityProvider":
      return new vscode.ThemeIcon(group.issuer === undefined ? "error" : "organization");
    case "status":
      return iconOf(lookOfKind(group.status));
    case "folder":
      return new vscode.ThemeIcon("folder");
  }
};
