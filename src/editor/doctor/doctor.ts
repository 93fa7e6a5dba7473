import * as os from "node:os";
import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { Finding } from "../../core/doctor/finding.ts";
import { showReport, showStatusMessage, withProgress } from "../screen.ts";
import type { ExamineParts } from "./examine.ts";

const t = vscode.l10n.t;
const scheme = "lanyard-doctor";

interface Report {
  readonly text: string;
  /** What a copy must not tell. */
  readonly names: readonly string[];
}

/** Looks at everything that Lanyard needs, shows what it found as plain text, and copies it without what is private. */
export class Doctor implements vscode.TextDocumentContentProvider, Disposable {
  readonly #parts: ExamineParts;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #place = vscode.Uri.from({ scheme, path: `/${t("Lanyard Doctor")}.txt` });
  #report: Report | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(parts: ExamineParts) {
    this.#parts = parts;
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  provideTextDocumentContent(): string {
    return this.#report?.text ?? t("Run Lanyard: Run Doctor to see what it finds.");
  }

  async run(): Promise<void> {
    const report = await withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t("Lanyard looks at what it needs"),
        cancellable: true,
      },
      (_progress, signal) => this.#look(signal),
    );
    if (report === undefined) return;
    this.#report = report;
    this.#changed.fire(this.#place);
    await showReport(await vscode.workspace.openTextDocument(this.#place), "lanyard-report");
  }

  /** What only this window can see, for `lanyard doctor`. */
  async examineWindow(signal: AbortSignal): Promise<readonly Finding[]> {
    const { examineWindow } = await import("./examine.ts");
    return examineWindow(this.#parts, signal);
  }

  /** Copies the last report, for a ticket. */
  async copyReport(): Promise<void> {
    if (this.#report === undefined) await this.run();
    if (this.#report === undefined) return;
    const { redacted } = await import("../../core/doctor/redact.ts");
    const { text, names } = this.#report;
    await vscode.env.clipboard.writeText(redacted(text, { homes: homesHere(), names }));
    showStatusMessage(t("Report copied, without names, folders and tokens"), 5000);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** @returns undefined when the person cancelled. */
  async #look(signal: AbortSignal): Promise<Report | undefined> {
    const [{ examine }, { reportText }] = await Promise.all([
      import("./examine.ts"),
      import("../../core/doctor/report.ts"),
    ]);
    try {
      const findings = await examine(this.#parts, signal);
      const sessions = await this.#parts.identity.list();
      return {
        text: reportText(findings, surroundings(this.#parts), t),
        names: [...sessions.flatMap(({ accountLabel, subject }) => [accountLabel, subject]), ...namesHere()],
      };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }
}

const surroundings = ({ version, clock }: ExamineParts): readonly (readonly [string, string])[] => [
  ["Lanyard", version],
  [vscode.env.appName, vscode.version],
  [process.platform, process.arch],
  [t("remote"), vscode.env.remoteName ?? t("none")],
  [t("window"), vscode.env.uiKind === vscode.UIKind.Web ? t("in a browser") : t("on the desktop")],
  [t("at"), new Date(clock.now()).toISOString()],
];

const homesHere = (): readonly string[] =>
  [os.homedir(), process.env["HOME"], process.env["USERPROFILE"]].filter((home) => home !== undefined);

/** A user without an entry in the system's list has no name here. */
const namesHere = (): readonly string[] => {
  try {
    return [os.userInfo().username, os.hostname()];
  } catch {
    return [os.hostname()];
  }
};
