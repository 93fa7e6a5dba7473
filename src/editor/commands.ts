import * as vscode from "vscode";
import type { Place } from "../core/config/issue.ts";
import type { Connector } from "../core/config/connector.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { hasEvidence } from "../core/connectors/status.ts";
import type { SessionNeed } from "../core/identity/session.ts";
import type { Lanyard } from "./lanyard.ts";
import { openPlace } from "./openPlace.ts";
import type { Node } from "./tree/nodes.ts";

/** Every command of the manifest, by id, with the row of the view it is about; none when the palette asks. */
type Handler = (lanyard: Lanyard, node?: Node) => Promise<void> | void;

/** What a command is called with: a row of the view, or, from a lens, the connector's id. */
type Argument = Node | { readonly connectorId: string };

export const handlers: Readonly<Record<string, Handler>> = {
  "lanyard.signIn": (lanyard, node) => lanyard.signIn(needOf(node)),
  "lanyard.signOut": (lanyard, node) => lanyard.signOut(node?.kind === "account" ? node.session : undefined),
  "lanyard.checkAll": (lanyard) => lanyard.checkAll(),
  "lanyard.approve": async (lanyard) => {
    await lanyard.approve();
  },
  "lanyard.check": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node);
    if (connector !== undefined) await lanyard.check(connector.id);
  },
  "lanyard.authorize": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node);
    if (connector !== undefined) await lanyard.attend(connector.id);
  },
  "lanyard.stepUp": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node);
    if (connector !== undefined) await lanyard.attend(connector.id);
  },
  "lanyard.testConnector": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node);
    if (connector !== undefined) await lanyard.tools.test(connector.id);
  },
  "lanyard.addConnector": (lanyard) => lanyard.tools.add(lanyard),
  "lanyard.cancelWaiting": (lanyard, node) => {
    if (node?.kind === "connector") lanyard.cancelWaiting(node.entry.connector.id);
    else lanyard.cancelWaiting();
  },
  "lanyard.copyTraceId": async (_lanyard, node) => {
    if (node?.kind !== "connector" || !hasEvidence(node.entry.status)) return;
    await vscode.env.clipboard.writeText(node.entry.status.evidence.traceId);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Trace ID copied"), 3000);
  },
  "lanyard.openEntry": async (lanyard, node) => {
    const place = placeOf(node) ?? (await connectorOf(lanyard, undefined))?.place;
    if (place !== undefined) await openPlace(place);
  },
  "lanyard.chooseForChat": (lanyard) => lanyard.vscodeMcp.chooseOurs(),
  "lanyard.hideChatNotice": (lanyard) => lanyard.vscodeMcp.hideNotice(),
  "lanyard.runDoctor": (lanyard) => lanyard.doctor.run(),
  "lanyard.copyDoctorReport": (lanyard) => lanyard.doctor.copyReport(),
  "lanyard.showLog": (lanyard) => lanyard.showLog(),
};

export const registerCommands = (
  lanyard: () => Promise<Lanyard>,
  onError: (error: unknown) => void,
): Disposable => {
  const owned = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) {
    owned.add(
      vscode.commands.registerCommand(id, async (argument?: Argument) => {
        try {
          const loaded = await lanyard();
          await handler(loaded, nodeOf(loaded, argument));
        } catch (error) {
          onError(error);
        }
      }),
    );
  }
  return owned;
};

const nodeOf = (lanyard: Lanyard, argument: Argument | undefined): Node | undefined =>
  argument !== undefined && "connectorId" in argument ? lanyard.tools.nodeOf(argument.connectorId) : argument;

const needOf = (node: Node | undefined): SessionNeed | undefined => {
  if (node?.kind === "need") return node.need;
  return node?.kind === "connector" ? node.entry.connector.userAuth : undefined;
};

const connectorOf = async (lanyard: Lanyard, node: Node | undefined): Promise<Connector | undefined> => {
  if (node?.kind === "connector") return node.entry.connector;
  return lanyard.pickConnector();
};

const placeOf = (node: Node | undefined): Place | undefined => {
  switch (node?.kind) {
    case "connector":
      return node.entry.connector.place;
    case "broken":
      return node.entry.place;
    case "file":
      return node.issue.place;
    case "account":
    case "need":
    case "mcp":
    case undefined:
      return undefined;
  }
};
