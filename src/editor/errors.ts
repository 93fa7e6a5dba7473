import * as vscode from "vscode";
import { LanyardError } from "../core/errors.ts";
import { tellError } from "./screen.ts";
import type { EditorLog } from "./log.ts";

/** The one place where an error becomes words on the screen. What a person cancelled says nothing. */
export const showError = (error: unknown, log: EditorLog): void => {
  if (error instanceof vscode.CancellationError) return;
  log.error("command.failed", {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  const showLog = vscode.l10n.t("Show Log");
  const message =
    error instanceof LanyardError || isForPeople(error)
      ? error.message
      : vscode.l10n.t("Lanyard could not do that. The log says why.");
  void tellError(message, showLog).then((choice) => {
    if (choice === showLog) log.show();
  });
};

/** Errors of our own sign-in come back from the editor's authentication service as plain errors with our name. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof Error && error.name === "SignInError";
