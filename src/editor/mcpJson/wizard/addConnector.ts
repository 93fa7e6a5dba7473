import * as path from "node:path";
import * as vscode from "vscode";
import { applyEdits, type Edit } from "jsonc-parser";
import { inBackground } from "../../../core/background.ts";
import { facadeFile, type FacadeDraft } from "../../../core/config/edits/facadeFile.ts";
import { addConnector, signInsOf, type ConnectorDraft } from "../../../core/config/edits/addConnector.ts";
import type { Connector } from "../../../core/config/connector.ts";
import { entryId } from "../../../core/config/entry/entry.ts";
import { parseFile } from "../../../core/config/parse.ts";
import type { ReviewPanel } from "../../review.ts";
import { issueText } from "../../status/statusLook.ts";
import { confirm, tellWarning } from "../../screen.ts";
import { environment } from "../documents.ts";
import { draftOf, facadeDraftOf, noAnswers, questions } from "./questions.ts";
import { runSteps } from "./steps.ts";
import { openPlace } from "../../files.ts";
import {
  hasUnsavedChanges,
  mcpJsonFilesHere,
  writeEdit,
  writeNew,
  type McpJsonFile,
} from "../mcpJsonFile.ts";
import { shellHere } from "../../../node/shell.ts";

const t = vscode.l10n.t;

/**
 * Asks what the connector is, shows what an approval of it means, and only then writes it.
 * @returns the connector as it was approved and written; undefined when nothing was written.
 * @throws CancellationError when the person left.
 */
export const addByQuestions = async (
  known: readonly Connector[],
  review: Pick<ReviewPanel, "decide">,
): Promise<Connector | undefined> => {
  const targets = await mcpJsonFilesHere();
  if (!mayAdd(targets)) return undefined;
  const answers = await runSteps(questions(), noAnswers(targets, signInsOf(known)));
  if (answers?.target === undefined) throw new vscode.CancellationError();
  const { target, replace } = answers;
  if (hasUnsavedChanges(target) && !(await maySave())) throw new vscode.CancellationError();
  const draft = draftOf(answers);
  const connector = connectorOf(target, draft, replace);
  if (connector === undefined) return undefined;
  if (!(await review.decide([connector]))) throw new vscode.CancellationError();
  const written = await writeEdit(target, (text) => editsFor(text, draft, replace));
  if (!written) say(t("{0} could not be written. It is as it was.", target.origin.file));
  const facade = facadeDraftOf(answers);
  if (written && facade !== undefined) await writeFacade(target, facade);
  return written ? connector : undefined;
};

/** Beside the connectors, for an administrator to fill in and to take to where the facade runs. */
const writeFacade = async ({ origin }: McpJsonFile, draft: FacadeDraft): Promise<void> => {
  const file = path.join(origin.folder, "facade.json");
  if (await writeNew(file, facadeFile(draft)))
    await openPlace({ file, line: 0, column: 0, endLine: 0, endColumn: 0 });
  else say(t("{0} is there already, and stays as it is.", file));
};

const mayAdd = (targets: readonly McpJsonFile[]): boolean => {
  if (targets.length === 0) say(t("Open a folder first: its .mcp.json is where connectors are kept."));
  else if (!vscode.workspace.isTrusted)
    say(t("This folder is not trusted. Trust it first: Lanyard gets no credential for it before."));
  else return true;
  return false;
};

const maySave = async (): Promise<boolean> => {
  const save = t("Save and Go On");
  const message = t("The file has changes of yours that are not saved.");
  const detail = t("Adding the connector saves the file with them.");
  return confirm({ severity: "warning", message, detail, yes: save });
};

const editsFor = (text: string, draft: ConnectorDraft, replace: boolean): readonly Edit[] | undefined => {
  const added = addConnector(text, draft, { replace });
  return added.kind === "edits" ? added.edits : undefined;
};

/** The connector that the file will have; undefined, and the person is told why, where it would not work. */
const connectorOf = (target: McpJsonFile, draft: ConnectorDraft, replace: boolean): Connector | undefined => {
  const { origin, text } = target;
  const edits = editsFor(text, draft, replace);
  const result = edits && applyEdits(text, [...edits]);
  const reading =
    result === undefined
      ? undefined
      : parseFile({ text: result, origin, env: environment, shell: shellHere });
  if (reading?.kind !== "read") {
    say(t("{0} is not valid JSON. Mend it first, then add the connector.", origin.file));
    return undefined;
  }
  const id = entryId(origin, draft.name);
  const connector = reading.connectors.find((each) => each.id === id);
  const [issue] = reading.broken.find((each) => each.id === id)?.issues ?? [];
  if (issue !== undefined) say(issueText(issue));
  return connector;
};

const say = (message: string): void => inBackground("addConnector.say", () => tellWarning(message));
