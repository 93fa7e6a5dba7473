import * as vscode from "vscode";
import type { Connector } from "../core/config/connector.ts";
import { destinationsOf } from "../core/credentials/querySource.ts";
import { plainText } from "../core/text.ts";
import { hostOf } from "../core/urls.ts";
import { confirm } from "./screen.ts";

const t = vscode.l10n.t;

/** One dialog for all connectors that wait for approval: what goes to whom. */
export const reviewApproval = async (connectors: readonly Connector[]): Promise<boolean> => {
  const approve = t("Approve");
  const message =
    connectors.length === 1
      ? t("Let Lanyard get a credential for this connector?")
      : t("Let Lanyard get credentials for these {0} connectors?", connectors.length);
  return confirm({ severity: "information", message, detail: approvalDetail(connectors), yes: approve });
};

/** Grouped by what the connectors share, so that eight of them stay readable. */
export const approvalDetail = (connectors: readonly Connector[]): string => {
  const issuers = [...new Set(connectors.map(({ userAuth }) => userAuth.issuer))];
  const signIns = issuers.map((issuer) =>
    t("You sign in at {0}. Your tokens there are kept in the editor's secret storage.", shown(issuer)),
  );
  const plain = connectors.filter(({ helper }) => helper.kind !== "script");
  const scripted = connectors.filter(({ helper }) => helper.kind === "script");
  const lines = [
    ...(plain.length === 0
      ? []
      : [
          t(
            "Each of these gets a credential of its own, for which your access token goes to {0}:",
            tokenHosts(plain),
          ),
        ]),
    ...plain.map((connector) => `${shown(connector.name)} → ${shown(connector.url)}`),
    ...scripted.map(scriptLine),
  ];
  const files = [...new Set(connectors.map(({ origin }) => origin.file))];
  return [
    ...signIns,
    ...eventLines(connectors),
    "",
    ...lines,
    "",
    t("This is what {0} says.", files.map(shown).join(", ")),
  ].join("\n");
};

const eventLines = (connectors: readonly Connector[]): readonly string[] => {
  const hosts = [...new Set(connectors.flatMap(({ userAuth }) => userAuth.events ?? []).map(hostOf))];
  return hosts.map((host) =>
    t("Your access token also goes to {0}, which tells the editor when your sign-in is revoked.", host),
  );
};

const tokenHosts = (connectors: readonly Connector[]): string => {
  const hosts = connectors.flatMap((connector) =>
    destinationsOf(connector)
      .filter((url) => url !== connector.userAuth.events)
      .map(hostOf),
  );
  return [...new Set(hosts)].join(", ");
};

const scriptLine = ({ name, helper, url }: Connector): string =>
  t(
    "{0}: the command {1} runs with your access token, and its headers go to {2}",
    shown(name),
    helper.kind === "script" ? shown(helper.command) : "",
    shown(url),
  );

const shown = (text: string): string => plainText(text, 120);
