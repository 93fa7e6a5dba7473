import * as vscode from "vscode";
import { LanyardError } from "../../core/errors.ts";
import { tellFailure } from "../errors.ts";
import type { EditorLog } from "../log.ts";
import { putStart } from "./contextKeys.ts";

/**
 * The start of this window has failed: the view says so, and a message where nobody sees the view. Never both.
 * @returns what a command is told that needs the connectors.
 */
export const failedStart = (
  error: unknown,
  { log, isInSight }: { readonly log: EditorLog; readonly isInSight: boolean },
): LanyardError => {
  putStart("failed");
  log.error("start.failed", {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  const failure = new LanyardError(
    "internal",
    vscode.l10n.t("Lanyard could not start in this window. The log says why; then reload the window."),
    { cause: error },
  );
  if (!isInSight) tellFailure(failure, log);
  return failure;
};
