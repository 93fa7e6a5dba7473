import * as vscode from "vscode";
import type { Place } from "../core/config/issues/issue.ts";
import type { Connector } from "../core/config/connector.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { isApproved } from "../core/connectors/board/boardFacts.ts";
import { hasEvidence, type StatusKind } from "../core/connectors/board/status.ts";
import type { SessionNeed } from "../core/identity/session.ts";
import type { Lanyard } from "./lanyard.ts";
import {
  commandIds,
  shellCommandIds,
  walkthroughId,
  type CommandId,
  type ShellCommandId,
} from "./manifestNames.ts";
import { openPlace } from "./openPlace.ts";
import { showStatusMessage } from "./screen.ts";
import type { Node, RowHandle } from "./tree/nodes.ts";

/** With the row of the view it is about; none when the palette asks. */
type Handler = (lanyard: Lanyard, node?: Node) => Promise<void> | void;

/**
 * What a command is called with: a row of the view; from a lens, the connector's id; from the message of a sign-in that
 * failed, that.
 */
type Argument = RowHandle | { readonly connectorId: string } | { readonly of: "failedSignIn" };

/** What every command of the manifest does that needs this window's connectors. */
const handlers: Readonly<Record<CommandId, Handler>> = {
  "lanyard.signIn": (lanyard, node) => lanyard.signIn(needOf(node)),
  "lanyard.signOut": (lanyard, node) => lanyard.signOut(node?.kind === "account" ? node.session : undefined),
  "lanyard.checkAll": (lanyard) => lanyard.checkAll(),
  "lanyard.approve": (lanyard, node) =>
    lanyard.showReview(node?.kind === "connector" ? node.entry.connector.id : undefined),
  "lanyard.check": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node, isApproved);
    if (connector !== undefined) await lanyard.check(connector.id);
  },
  "lanyard.authorize": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node, (kind) => kind === "needsConnection");
    if (connector !== undefined) await lanyard.attend(connector.id);
  },
  "lanyard.stepUp": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node, (kind) => kind === "stepUp" || kind === "pending");
    if (connector !== undefined) await lanyard.attend(connector.id);
  },
  "lanyard.testConnector": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node, isApproved);
    if (connector !== undefined) await lanyard.tools.test(connector.id);
  },
  "lanyard.addConnector": (lanyard) => lanyard.tools.add(lanyard),
  "lanyard.cancelWaiting": (lanyard, node) => {
    if (node?.kind === "connector") lanyard.cancelWaiting(node.entry.connector.id);
    else lanyard.cancelWaiting();
  },
  "lanyard.copyTraceId": async (lanyard, node) => {
    const connector = await connectorOf(lanyard, node, isApproved);
    const present = connector && lanyard.tools.nodeOf(connector.id);
    if (present?.kind !== "connector" || !hasEvidence(present.entry.status)) return;
    await vscode.env.clipboard.writeText(present.entry.status.evidence.traceId);
    showStatusMessage(vscode.l10n.t("Trace ID copied"), 3000);
  },
  "lanyard.openEntry": async (lanyard, node) => {
    const place = placeOf(node) ?? (await connectorOf(lanyard, undefined, () => true))?.place;
    if (place !== undefined) await openPlace(place);
  },
  "lanyard.groupBy": (lanyard) => lanyard.arranging.group(),
  "lanyard.filter": (lanyard) => lanyard.arranging.filter(),
  "lanyard.clearFilter": (lanyard) => lanyard.arranging.clearFilter(),
  "lanyard.chooseForChat": (lanyard) => lanyard.vscodeMcp.chooseOurs(),
  "lanyard.hideChatNotice": (lanyard) => lanyard.vscodeMcp.hideNotice(),
  "lanyard.runDoctor": (lanyard) => lanyard.doctor.run(),
  "lanyard.copyDoctorReport": (lanyard) => lanyard.doctor.copyReport(),
  "lanyard.showHistory": (lanyard, node) =>
    lanyard.history.show(node?.kind === "connector" ? node.entry.connector.name : undefined),
  "lanyard.showLog": (lanyard) => lanyard.showLog(),
};

export interface CommandParts {
  readonly lanyard: () => Promise<Lanyard>;
  /** What the commands do that load nothing of this window's connectors. */
  readonly shell: Readonly<Record<ShellCommandId, () => Promise<void>>>;
  readonly onError: (error: unknown) => void;
}

/** Registers every command of the manifest. */
export const registerCommands = ({ lanyard, shell, onError }: CommandParts): Disposable => {
  const owned = new DisposableStore();
  const register = (id: string, run: (argument?: Argument) => Promise<void>): void => {
    const command = (argument?: Argument): Promise<void> => run(argument).catch(onError);
    owned.add(vscode.commands.registerCommand(id, command));
  };
  for (const id of commandIds) {
    register(id, async (argument) => {
      const loaded = await lanyard();
      await handlers[id](loaded, nodeOf(loaded, argument));
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

const nodeOf = (lanyard: Lanyard, argument: Argument | undefined): Node | undefined => {
  if (argument === undefined) return undefined;
  if ("of" in argument) return lanyard.tools.nodeOfFailed();
  return "connectorId" in argument ? lanyard.tools.nodeOf(argument.connectorId) : lanyard.nodeOf(argument);
};

const needOf = (node: Node | undefined): SessionNeed | undefined => {
  if (node?.kind === "need") return node.need;
  return node?.kind === "connector" ? node.entry.connector.userAuth : undefined;
};

const connectorOf = async (
  lanyard: Lanyard,
  node: Node | undefined,
  wanted: (kind: StatusKind) => boolean,
): Promise<Connector | undefined> => {
  if (node?.kind === "connector") return node.entry.connector;
  return lanyard.pickConnector(wanted);
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
