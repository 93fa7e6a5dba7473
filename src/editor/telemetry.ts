import * as vscode from "vscode";
import { inBackground } from "../core/background.ts";
import type { SignedOutCause } from "../core/credentials/grant.ts";
import type { Disposable } from "../core/disposable.ts";
import type { SignInFailure } from "../core/identity/session.ts";
import { settingHere } from "./configuration/settings.ts";

/** Everything that may ever be sent: closed sets of words, never a name, a URL or free text. */
export type TelemetryEvent =
  | { readonly kind: "signIn"; readonly outcome: "signedIn" | SignInFailure }
  | { readonly kind: "sessionEnded"; readonly cause: SignedOutCause };

interface Reporter {
  sendTelemetryEvent(name: string, properties?: Record<string, string>): void;
  dispose(): Promise<unknown>;
}

/**
 * Sends events to the Application Insights resource that an administrator names in `lanyard.telemetry.connectionString`.
 * Without one, or with the editor's telemetry off, nothing is loaded and nothing is sent.
 */
export class Telemetry implements Disposable {
  readonly #load: (connectionString: string) => Promise<Reporter>;
  #reporter: Promise<Reporter> | undefined;

  constructor(load: (connectionString: string) => Promise<Reporter> = loadReporter) {
    this.#load = load;
  }

  /** Sends it when it can; nobody waits for that. */
  note(event: TelemetryEvent): void {
    inBackground("telemetry.send", () => this.send(event));
  }

  async send(event: TelemetryEvent): Promise<void> {
    const connectionString = configuredString();
    if (connectionString === "" || !vscode.env.isTelemetryEnabled) return;
    this.#reporter ??= this.#load(connectionString);
    const { kind, ...facts } = event;
    (await this.#reporter).sendTelemetryEvent(kind, facts);
  }

  dispose(): void {
    const reporter = this.#reporter;
    if (reporter !== undefined) inBackground("telemetry.end", async () => (await reporter).dispose());
  }
}

const configuredString = (): string => {
  const value = settingHere("telemetry.connectionString");
  return typeof value === "string" ? value : "";
};

const loadReporter = async (connectionString: string): Promise<Reporter> => {
  const { TelemetryReporter } = await import("@vscode/extension-telemetry");
  return new TelemetryReporter(connectionString);
};
