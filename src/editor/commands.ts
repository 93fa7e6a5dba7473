import * as vscode from "vscode";
import type { Place } from "../core/config/issues/issue.ts";
import type { Connector } from "../core/config/connector.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { isApproved } from "../core/connectors/board/boardFacts.ts";
import type { WaitRegistry } from "../core/connectors/wait/waitRegistry.ts";
import { hasEvidence, type StatusKind } from "../core/connectors/board/status.ts";
import type { SessionNeed } from "../core/identity/session.ts";
import type { BoardSync } from "./boardSync.ts";
import type { Doctor } from "./doctor/doctor.ts";
import type { HistoryView } from "./history/historyView.ts";
import type { Accounts } from "./identity/accounts.ts";
import type { Interactions } from "./interactions.ts";
import type { EditorLog } from "./log.ts";
import {
  commandIds,
  shellCommandIds,
  walkthroughId,
  type CommandId,
  type ShellCommandId,
} from "./manifestNames.ts";
import type { ConnectorTools } from "./mcpJson/connectorTools.ts";
import { openPlace } from "./files.ts";
import type { ReviewPanel } from "./review.ts";
import { showStatusMessage } from "./screen.ts";
import type { Arranging } from "./tree/arranging.ts";
import type { ConnectorsView } from "./tree/connectorsView.ts";
import type { Node, RowHandle } from "./tree/nodes.ts";
import type { VscodeMcp } from "./vscodeMcp/vscodeMcp.ts";

/** Who does what the commands ask for. */
export interface CommandTargets {
  readonly accounts: Pick<Accounts, "folders" | "signIn" | "signOut">;
  readonly sync: Pick<BoardSync, "checkAll">;
  readonly waits: Pick<WaitRegistry, "check">;
  readonly review: Pick<ReviewPanel, "show">;
  readonly interactions: Pick<Interactions, "attend" | "cancel">;
  readonly tools: Pick<ConnectorTools, "add" | "nodeOf" | "nodeOfFailed" | "pick" | "test">;
  readonly arranging: Pick<Arranging, "clearFilter" | "filter" | "group">;
  readonly vscodeMcp: Pick<VscodeMcp, "chooseOurs" | "hideNotice">;
  readonly doctor: Pick<Doctor, "copyReport" | "run">;
  readonly history: Pick<HistoryView, "show">;
  readonly view: Pick<ConnectorsView, "nodeOf">;
  readonly log: Pick<EditorLog, "show">;
}

/** With the row of the view it is about; none when the palette asks. */
type Handler = (targets: CommandTargets, node?: Node) => Promise<void> | void;

/**
 * What a command is called with: a row of the view; from a lens, the connector's id; from the message of a sign-in that
 * failed, that.
 */
type Argument = RowHandle | { readonly connectorId: string } | { readonly of: "failedSignIn" };

/** What every command of the manifest does that needs this window's connectors. */
const handlers: Readonly<Record<CommandId, Handler>> = {
  "lanyard.signIn": ({ accounts }, node) => accounts.signIn(needOf(node)),
  "lanyard.signOut": ({ accounts }, node) =>
    accounts.signOut(node?.kind === "account" ? node.session : undefined),
  "lanyard.switchAccount": ({ accounts }, node) =>
    accounts.folders.change(node?.kind === "account" ? node.session : needOf(node)),
  "lanyard.checkAll": ({ sync }) => sync.checkAll(),
  "lanyard.approve": ({ review }, node) =>
    review.show(node?.kind === "connector" ? node.entry.connector.id : undefined),
  "lanyard.check": async (targets, node) => {
    const connector = await connectorOf(targets, node, isApproved);
    if (connector !== undefined) await targets.waits.check(connector.id, new AbortController().signal);
  },
  "lanyard.authorize": async (targets, node) => {
    const connector = await connectorOf(targets, node, (kind) => kind === "needsConnection");
    if (connector !== undefined) await targets.interactions.attend(connector.id);
  },
  "lanyard.stepUp": async (targets, node) => {
    const connector = await connectorOf(targets, node, (kind) => kind === "stepUp" || kind === "pending");
    if (connector !== undefined) await targets.interactions.attend(connector.id);
  },
  "lanyard.testConnector": async (targets, node) => {
    const connector = await connectorOf(targets, node, isApproved);
    if (connector !== undefined) await targets.tools.test(connector.id);
  },
  "lanyard.addConnector": ({ tools }) => tools.add(),
  "lanyard.cancelWaiting": ({ interactions }, node) =>
    interactions.cancel(node?.kind === "connector" ? node.entry.connector.id : undefined),
  "lanyard.copyTraceId": async (targets, node) => {
    const connector = await connectorOf(targets, node, isApproved);
    const present = connector && targets.tools.nodeOf(connector.id);
    if (present?.kind !== "connector" || !hasEvidence(present.entry.status)) return;
    await vscode.env.clipboard.writeText(present.entry.status.evidence.traceId);
    showStatusMessage(vscode.l10n.t("Trace ID copied"), 3000);
  },
  "lanyard.openEntry": async (targets, node) => {
    const place = placeOf(node) ?? (await connectorOf(targets, undefined, () => true))?.place;
    if (place !== undefined) await openPlace(place);
  },
  "lanyard.groupBy": ({ arranging }) => arranging.group(),
  "lanyard.filter": ({ arranging }) => arranging.filter(),
  "lanyard.clearFilter": ({ arranging }) => arranging.clearFilter(),
  "lanyard.chooseForChat": ({ vscodeMcp }) => vscodeMcp.chooseOurs(),
  "lanyard.hideChatNotice": ({ vscodeMcp }) => vscodeMcp.hideNotice(),
  "lanyard.runDoctor": ({ doctor }) => doctor.run(),
  "lanyard.copyDoctorReport": ({ doctor }) => doctor.copyReport(),
  "lanyard.showHistory": ({ history }, node) =>
    history.show(node?.kind === "connector" ? node.entry.connector.name : undefined),
  "lanyard.showLog": ({ log }) => log.show(),
};

export interface CommandParts {
  /** Loads them on first need. */
  readonly targets: () => Promise<CommandTargets>;
  /** What the commands do that load nothing of this window's connectors. */
  readonly shell: Readonly<Record<ShellCommandId, () => Promise<void>>>;
  /** What some of them do where the connectors could not be loaded. */
  readonly afterFailedStart: Readonly<Partial<Record<CommandId, () => Promise<void> | void>>>;
  readonly onError: (error: unknown) => void;
}

/** Registers every command of the manifest. */
export const registerCommands = ({ targets, shell, afterFailedStart, onError }: CommandParts): Disposable => {
  const owned = new DisposableStore();
  const register = (id: string, run: (argument?: Argument) => Promise<void>): void => {
    const command = (argument?: Argument): Promise<void> => run(argument).catch(onError);
    owned.add(vscode.commands.registerCommand(id, command));
  };
  for (const id of commandIds) {
    register(id, async (argument) => {
      const instead = afterFailedStart[id];
      const loaded = await (instead === undefined ? targets() : targets().catch(() => undefined));
      if (loaded === undefined) await instead?.();
      else await handlers[id](loaded, nodeOf(loaded, argument));
    });
  }
  for (const id of shellCommandIds) register(id, () => shell[id]());
  return owned;
};

/** Opens the walkthrough "Get Started". */
export const openWalkthrough = async (extensionId: string): Promise<void> => {
  const category = `${extensionId}#${walkthroughId}`;
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", category, false);
};

const nodeOf = ({ tools, view }: CommandTargets, argument: Argument | undefined): Node | undefined => {
  if (argument === undefined) return undefined;
  if ("of" in argument) return tools.nodeOfFailed();
  return "connectorId" in argument ? tools.nodeOf(argument.connectorId) : view.nodeOf(argument);
};

const needOf = (node: Node | undefined): SessionNeed | undefined => {
  if (node?.kind === "need") return node.need;
  return node?.kind === "connector" ? node.entry.connector.userAuth : undefined;
};

const connectorOf = async (
  { tools }: CommandTargets,
  node: Node | undefined,
  wanted: (kind: StatusKind) => boolean,
): Promise<Connector | undefined> => {
  if (node?.kind === "connector") return node.entry.connector;
  return tools.pick(wanted);
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
    case "signIn":
    case "need":
    case "mcp":
    case "group":
    case undefined:
      return undefined;
  }
};
