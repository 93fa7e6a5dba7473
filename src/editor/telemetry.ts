import * as vscode from "vscode";
import type { Asker } from "../core/connectors/pipeline.ts";
import type { GrantKind } from "../core/credentials/grant.ts";
import type { Disposable } from "../core/disposable.ts";
import type { SignInFailure } from "../core/identity/session.ts";

/** Everything that may ever be sent: closed sets of words, never a name, a URL or free text. */
export type TelemetryEvent =
  | { readonly kind: "activated"; readonly connectors: number }
  | { readonly kind: "signIn"; readonly outcome: "signedIn" | SignInFailure }
  | { readonly kind: "signOut"; readonly revoked: boolean }
  | { readonly kind: "answer"; readonly asker: Asker; readonly grant: GrantKind };

interface Reporter {
  sendTelemetryEvent(
    name: string,
    properties?: Record<string, string>,
    measurements?: Record<string, number>,
  ): void;
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

  async send(event: TelemetryEvent): Promise<void> {
    const connectionString = configuredString();
    if (connectionString === "" || !vscode.env.isTelemetryEnabled) return;
    this.#reporter ??= this.#load(connectionString);
    const { kind, ...facts } = event;
    const properties: Record<string, string> = {};
    const measurements: Record<string, number> = {};
    for (const [name, value] of Object.entries(facts)) {
      if (typeof value === "number") measurements[name] = value;
      else properties[name] = String(value);
    }
    (await this.#reporter).sendTelemetryEvent(kind, properties, measurements);
  }

  dispose(): void {
    void this.#reporter?.then((reporter) => reporter.dispose());
  }
}

const configuredString = (): string => {
  const value: unknown = vscode.workspace.getConfiguration("lanyard").get("telemetry.connectionString");
  return typeof value === "string" ? value : "";
};

const loadReporter = async (connectionString: string): Promise<Reporter> => {
  const { TelemetryReporter } = await import("@vscode/extension-telemetry");
  return new TelemetryReporter(connectionString);
};
