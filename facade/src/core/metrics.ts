import type { AuditSink, AuditLine } from "./audit.ts";

/** Counts what the record says, for Prometheus (text format 0.0.4). Labels are names of the configuration alone. */
export class Metrics {
  readonly #counts = new Map<string, number>();
  #seconds = 0;
  #questions = 0;
  #signalsFail: boolean | undefined;

  readonly count: AuditSink = (line) => {
    const name = seriesOf(line);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (line.tookMs === undefined) return;
    this.#seconds += line.tookMs / 1000;
    this.#questions += 1;
  };

  /** Whether asking for security events fails now. */
  signalsFail(isFailing: boolean): void {
    this.#signalsFail = isFailing;
  }

  /** @param waiting editors that wait for events now */
  text(waiting: number): string {
    const lines = [
      "# TYPE lanyard_facade_events_total counter",
      ...[...this.#counts].map(([name, count]) => `${name} ${count}`),
      "# TYPE lanyard_facade_exchange_seconds summary",
      `lanyard_facade_exchange_seconds_sum ${this.#seconds.toFixed(3)}`,
      `lanyard_facade_exchange_seconds_count ${this.#questions}`,
      "# TYPE lanyard_facade_waiting gauge",
      `lanyard_facade_waiting ${waiting}`,
      ...(this.#signalsFail === undefined
        ? []
        : [
            "# TYPE lanyard_facade_signals_poll_fails gauge",
            `lanyard_facade_signals_poll_fails ${Number(this.#signalsFail)}`,
          ]),
    ];
    return `${lines.join("\n")}\n`;
  }
}

const seriesOf = ({ event, outcome, target }: AuditLine): string => {
  const labels = { event, outcome, ...(target === undefined ? {} : { target }) };
  const text = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `lanyard_facade_events_total{${text.join(",")}}`;
};
