import * as os from "node:os";
import * as vscode from "vscode";
import { knownClients } from "../../core/clients/clients.ts";
import { clientsHere } from "../../node/clients/clientsHere.ts";
import {
  bridgesFrom,
  carryOut,
  plan,
  standings,
  type ClientStanding,
  type Planned,
} from "../../node/clients/setUp.ts";
import { folderPathsHere } from "../files.ts";
import { confirm, pickOne, showStatusMessage, tellInformation, tellWarning } from "../screen.ts";

const t = vscode.l10n.t;

interface StandingItem extends vscode.QuickPickItem {
  readonly standing: ClientStanding;
}

/** "Set Up Clients…": which MCP clients are here, which have the bridges of these folders, and to give or take them. */
export const setUpClients = async (): Promise<void> => {
  const around = { home: os.homedir(), env: process.env, platform: process.platform };
  const bridges = await Promise.all(folderPathsHere().map(bridgesFrom));
  const connectors = [...new Set(bridges.flat())];
  if (connectors.length === 0) {
    await tellInformation(
      t("No .mcp.json here has a connector for every client: an entry that starts lanyard bridge."),
    );
    return;
  }
  const items = (await standings(connectors, await clientsHere(around), around)).map(itemOf);
  const picked = await pickOne(items, {
    title: t("Set Up Clients"),
    placeHolder: t("Choose an entry to write it to a client's own file, or to remove it there"),
  });
  if (picked === undefined) return;
  const { client, connector, has } = picked.standing;
  const { title } = knownClients[client];
  const what = has === "bridge" ? "remove" : "add";
  const planned = await plan(what, client, connector, around);
  if (planned.kind === "team") {
    await tellInformation(
      has === "approve"
        ? t("{0} reads .mcp.json by itself, once you approve the entry there.", title)
        : t("{0} reads .mcp.json by itself. There is nothing to write.", title),
    );
    return;
  }
  const { file } = planned;
  if (planned.kind !== "change") {
    await tellWarning(whyNot(planned.kind, file, connector));
    return;
  }
  const message =
    what === "add" ? t("Add {0} to {1}?", connector, file) : t("Remove {0} from {1}?", connector, file);
  if (!(await confirm({ severity: "information", message, detail: planned.preview, yes: t("Write") })))
    return;
  if (await carryOut(planned)) showStatusMessage(t("{0} is written", file), 3000);
  else await tellWarning(t("{0} has changed meanwhile. Nothing was written.", file));
};

const whyNot = (
  kind: Exclude<Planned["kind"], "change" | "team">,
  file: string,
  connector: string,
): string => {
  switch (kind) {
    case "there":
      return t("{0} has another server of this name. It is left as it is.", file);
    case "unstartable":
      return t(
        "cmd.exe cannot start a server of the name {0}. Give it a plainer one in .mcp.json.",
        connector,
      );
    case "absent":
    case "unclear":
    case "unreadable":
      return t("{0} is not understood well enough to be changed. Change it by hand.", file);
  }
};

const itemOf = (standing: ClientStanding): StandingItem => ({
  standing,
  label: knownClients[standing.client].title,
  description: standing.connector,
  detail: words[standing.has](),
});

const words: Readonly<Record<ClientStanding["has"], () => string>> = {
  team: () => t("Has it by .mcp.json"),
  approve: () => t("Has it by .mcp.json, once it is approved there"),
  bridge: () => t("Has it. Choose it to remove it"),
  absent: () => t("Does not have it. Choose it to add it"),
  other: () => t("Has another server of this name"),
  unclear: () => t("Its file is not understood"),
  unreadable: () => t("Its file cannot be read"),
};
