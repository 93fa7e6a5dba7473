import * as vscode from "vscode";
import { inBackground } from "../core/background.ts";
import { forLog, LanyardError } from "../core/errors.ts";
import { tellError } from "./screen.ts";
import type { EditorLog } from "./log.ts";

/** The one place where an error becomes words on the screen. What a person cancelled says nothing. */
export const showError = (error: unknown, log: EditorLog): void => {
  if (isCancelled(error)) return;
  log.error("command.failed", {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  tellFailure(error, log);
};

/** Says in words what failed, once it is logged, and offers where to look. */
export const tellFailure = (error: unknown, log: EditorLog): void => {
  const message =
    error instanceof LanyardError || isForPeople(error)
      ? error.message
      : vscode.l10n.t("Lanyard could not do that. The log says why.");
  const offers: readonly Offer[] = [
    ...(isForPeople(error) ? ofSignIns() : []),
    [vscode.l10n.t("Show Log"), () => log.show()],
  ];
  inBackground("command.tell", async () => {
    const chosen = await tellError(message, ...offers.map(([label]) => label));
    await offers.find(([label]) => label === chosen)?.[1]();
  });
};

type Offer = readonly [label: string, act: () => unknown];

const ofSignIns = (): readonly Offer[] => [
  [vscode.l10n.t("Run Doctor"), () => vscode.commands.executeCommand("lanyard.runDoctor")],
  [
    vscode.l10n.t("Open Entry"),
    () => vscode.commands.executeCommand("lanyard.openEntry", { of: "failedSignIn" }),
  ],
];

/** What the editor's authentication service makes of the person's own no: its one word for it, and its own question's. */
const cancelled: ReadonlySet<string> = new Set(["Canceled", "Cancelled", "User did not consent to login."]);

/** A `CancellationError` that went by way of the editor is an error of its name alone. */
const isCancelled = (error: unknown): boolean =>
  error instanceof vscode.CancellationError ||
  (error instanceof Error && (cancelled.has(error.name) || cancelled.has(error.message)));

/** What fails in the background is logged each time, and said once for each kind of work: it may fail again and again. */
export const backgroundFailures = (log: EditorLog): ((event: string, error: unknown) => void) => {
  const said = new Set<string>();
  return (event, error) => {
    log.error(event, { error: forLog(error) });
    if (said.has(event)) return;
    said.add(event);
    tellFailure(error, log);
  };
};

/** Errors of our own sign-in come back from the editor's authentication service as plain errors with our name. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof Error && error.name === "SignInError";
