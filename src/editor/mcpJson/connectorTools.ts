import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import type { Connector } from "../../core/config/connector.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import { lastAnswer, type StatusKind } from "../../core/connectors/board/status.ts";
import { hasCode } from "../../core/errors.ts";
import { serves } from "../../core/identity/needs.ts";
import type { ConnectorTestParts } from "../../core/mcp/connectorTest.ts";
import { outcomeSentence, stepsText, type TestReport } from "../../core/mcp/report.ts";
import { plainText } from "../../core/text.ts";
import type { Accounts } from "../identity/accounts.ts";
import type { SignIn } from "../identity/signIn.ts";
import type { EditorLog } from "../log.ts";
import type { Node } from "../tree/nodes.ts";
import type { ReviewPanel } from "../review.ts";
import { openPlace } from "../files.ts";
import { pickOne, tellInformation, tellWarning, withProgress } from "../screen.ts";
import { lookOf } from "../status/statusLook.ts";
import { actionsFor } from "./actions.ts";

const t = vscode.l10n.t;

export interface ToolsParts extends ConnectorTestParts {
  readonly board: Board;
  readonly review: Pick<ReviewPanel, "decide">;
  readonly log: EditorLog;
  readonly signIn: Pick<SignIn, "failures">;
  readonly accounts: Pick<Accounts, "signIn">;
  /** Reads the configuration files anew, and brings the board in step with them. */
  readonly reload: () => Promise<void>;
}

/** What a person does with single connectors besides asking for credentials: choose one, test one, add one. */
export class ConnectorTools {
  readonly #parts: ToolsParts;

  constructor(parts: ToolsParts) {
    this.#parts = parts;
  }

  /** The row of the view for a connector, or for an entry that is broken. */
  nodeOf(connectorId: string): Node | undefined {
    const { board } = this.#parts;
    const entry = board.get(connectorId);
    if (entry !== undefined) return { kind: "connector", entry };
    const broken = board.broken().find(({ id }) => id === connectorId);
    return broken && { kind: "broken", entry: broken };
  }

  /** Asks which connector is meant, of those whose status is wanted. */
  async pick(wanted: (kind: StatusKind) => boolean): Promise<Connector | undefined> {
    const entries = this.#parts.board
      .entries()
      .filter(({ status }) => wanted((lastAnswer(status) ?? status).kind));
    const items = entries.map(({ connector, status }) => ({
      label: plainText(connector.name, 80),
      description: lookOf(status).label,
      connector,
    }));
    const placeHolder = t("Which connector?");
    return (await pickOne(items, { placeHolder }))?.connector;
  }

  /** The first connector that the sign-in was for which failed last. */
  nodeOfFailed(): Node | undefined {
    const failed = this.#parts.signIn.failures().at(-1);
    const entry = this.#parts.board
      .entries()
      .find(({ connector }) => failed !== undefined && serves(failed.need, connector.userAuth));
    return entry && { kind: "connector", entry };
  }

  /** Tests a connector and says how it went. */
  async test(connectorId: string): Promise<void> {
    const report = await this.#run(connectorId);
    const entry = this.#parts.board.get(connectorId);
    if (report !== undefined && entry !== undefined) await this.#tell(entry, report, entry.connector.name);
  }

  /** Adds a connector: asked, approved, written, signed in for and tested, in this order. */
  async add(): Promise<void> {
    const { board, review, accounts, reload } = this.#parts;
    const { addByQuestions } = await import("./wizard/addConnector.ts");
    const known = board.entries().map(({ connector }) => connector);
    const added = await addByQuestions(known, review);
    if (added === undefined) return;
    await reload();
    if (board.get(added.id)?.status.kind === "signedOut") await accounts.signIn(added.userAuth);
    await openPlace(added.place);
    await this.test(added.id);
  }

  async #run(connectorId: string): Promise<TestReport | undefined> {
    const name = this.#parts.board.get(connectorId)?.connector.name ?? "";
    const title = t("Testing {0}…", name);
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return withProgress(options, async (_progress, signal) => {
      const { testConnector } = await import("../../core/mcp/connectorTest.ts");
      try {
        return await testConnector(connectorId, this.#parts, signal);
      } catch (error) {
        if (signal.aborted || hasCode(error, "cancelled")) throw new vscode.CancellationError();
        throw error;
      }
    });
  }

  /** Where the person can do something about it, the message offers that. */
  async #tell({ connector, status }: BoardEntry, report: TestReport, name: string): Promise<void> {
    const sentence = t("{0}: {1}", name, outcomeSentence(report.outcome, t, Date.now()));
    if (report.outcome.kind === "passed") {
      inBackground("connector.tested", () => tellInformation(`${sentence} (${stepsText(report.steps)})`));
      return;
    }
    const [action] = report.outcome.kind === "notGranted" ? actionsFor(status) : [];
    const showLog = t("Show Log");
    const buttons = action === undefined ? [showLog] : [action.title, showLog];
    const choice = await tellWarning(sentence, ...buttons);
    if (choice === showLog) this.#parts.log.show();
    if (action !== undefined && choice === action.title)
      await vscode.commands.executeCommand(action.command, { connectorId: connector.id });
  }
}
