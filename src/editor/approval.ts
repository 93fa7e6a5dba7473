import * as vscode from "vscode";
import type { Connector } from "../core/config/connector.ts";
import { plainText } from "../core/text.ts";
import { hostOf } from "../core/urls.ts";

/** One dialog for all connectors that wait for approval: what goes to whom. */
export const askApproval = async (connectors: readonly Connector[]): Promise<boolean> => {
  const approve = vscode.l10n.t("Approve");
  const message =
    connectors.length === 1
      ? vscode.l10n.t("Let Lanyard get a credential for this connector?")
      : vscode.l10n.t("Let Lanyard get credentials for these {0} connectors?", connectors.length);
  const choice = await vscode.window.showInformationMessage(
    message,
    { modal: true, detail: approvalDetail(connectors) },
    approve,
  );
  return choice === approve;
};

/** Grouped by what the connectors share, so that eight of them stay readable. */
export const approvalDetail = (connectors: readonly Connector[]): string => {
  const issuers = [...new Set(connectors.map(({ userAuth }) => userAuth.issuer))];
  const signIns = issuers.map((issuer) =>
    vscode.l10n.t(
      "You sign in at {0}. Your tokens there are kept in the editor's secret storage.",
      shown(issuer),
    ),
  );
  const lines = connectors.map((connector) =>
    connector.helper.kind === "script"
      ? vscode.l10n.t(
          '{0}: the command "{1}" is run and gets your access token; its headers go to {2}',
          shown(connector.name),
          shown(connector.helper.command),
          hostOf(connector.url),
        )
      : vscode.l10n.t("{0}: a credential goes to {1}", shown(connector.name), shown(connector.url)),
  );
  const files = [...new Set(connectors.map(({ origin }) => origin.file))];
  return [
    ...signIns,
    "",
    ...lines,
    "",
    vscode.l10n.t("This is what {0} says.", files.map(shown).join(", ")),
  ].join("\n");
};

const shown = (text: string): string => plainText(text, 120);
