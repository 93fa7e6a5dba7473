import * as vscode from "vscode";
import type { SignedOutCause } from "../core/credentials/grant.ts";
import type { Disposable } from "../core/disposable.ts";
import { forLog } from "../core/errors.ts";
import type { SignInFailure } from "../core/identity/session.ts";
import type { Ports } from "../core/ports.ts";
import { settingHere } from "./configuration/settings.ts";

/** Everything that may ever be sent: closed sets of words, never a name, a URL or free text. */
export type TelemetryEvent =
  | { readonly kind: "signIn"; readonly outcome: "signedIn" | SignInFailure }
  | { readonly kind: "sessionEnded"; readonly cause: SignedOutCause };

/**
 * Sends events to the Application Insights resource that an administrator names in `lanyard.telemetry.connectionString`.
 * Without one, or with the editor's telemetry off, nothing is sent. One request an event: there are a few a day.
 */
export class Telemetry implements Disposable {
  readonly #ports: Pick<Ports, "clock" | "fetch" | "log">;
  readonly #end = new AbortController();

  constructor(ports: Pick<Ports, "clock" | "fetch" | "log">) {
    this.#ports = ports;
  }

  /** Sends it when it can. Nobody waits for that, and a failure is the log's alone: the person can do nothing. */
  note(event: TelemetryEvent): void {
    this.send(event).catch((error: unknown) =>
      this.#ports.log.warn("telemetry.failed", { error: forLog(error) }),
    );
  }

  async send({ kind, ...properties }: TelemetryEvent): Promise<void> {
    const connectionString = settingHere("telemetry.connectionString");
    if (typeof connectionString !== "string" || connectionString === "" || !vscode.env.isTelemetryEnabled)
      return;
    const { ingestionOf, trackRequest } = await import("../core/applicationInsights.ts");
    const { boundedFetch } = await import("../core/http.ts");
    const { clock, fetch, log } = this.#ports;
    const ingestion = ingestionOf(connectionString);
    if (ingestion === undefined) {
      log.warn("telemetry.noKey", { setting: "telemetry.connectionString" });
      return;
    }
    const event = { name: `lanyard.lanyard/${kind}`, properties };
    const request = { ...trackRequest(ingestion, event, clock.now()), signal: this.#end.signal };
    const { status } = await boundedFetch(fetch, clock)(ingestion.url, request);
    if (status !== 200) log.warn("telemetry.refused", { status });
  }

  dispose(): void {
    this.#end.abort();
  }
}
