import { afterEach, expect } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../../src/core/connectors/board/status.ts";
import { Pipeline, type PipelineParts } from "../../../../src/core/connectors/pipeline/pipeline.ts";
import { WaitRegistry } from "../../../../src/core/connectors/wait/waitRegistry.ts";
import type { Grant } from "../../../../src/core/credentials/grant.ts";
import type { SourceQuery, QuerySource, RunScript } from "../../../../src/core/credentials/source.ts";
import type {
  ActiveSession,
  FreshOptions,
  SessionAnswer,
  SessionSource,
} from "../../../../src/core/identity/session.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { grants } from "../../../support/grants.ts";
import { fakeClock, recordingLog, type FakeClock, type RecordingLog } from "../../../support/ports.ts";

/** One turn of the event loop: whatever does not wait for the clock has gone as far as it can. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets time pass the way it does: in small steps, with everything that follows from each of them. */
export const pass = async (clock: FakeClock, ms: number): Promise<void> => {
  await settle();
  clock.advance(0);
  await settle();
  for (let left = ms; left > 0; left -= 100) {
    clock.advance(Math.min(100, left));
    await settle();
  }
};

export interface Asked {
  readonly atMs: number;
  readonly token: string;
  readonly ask: SourceQuery;
}

/** A vault whose next answers a test sets: one that stands, or a question left open until the test answers it. */
export class FakeVault {
  readonly asked: Asked[] = [];
  readonly #clock: FakeClock;
  #answer: (ask: SourceQuery) => Promise<Grant> = () => Promise.resolve(grants.granted());

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  says(grant: Grant): void {
    this.#answer = () => Promise.resolve(grant);
  }

  does(answer: (ask: SourceQuery) => Promise<Grant>): void {
    this.#answer = answer;
  }

  /** The next questions stay open until the returned function answers all of them. */
  holds(): (grant: Grant) => void {
    const open: ((grant: Grant) => void)[] = [];
    this.#answer = (ask) =>
      new Promise((resolve, reject) => {
        ask.signal.addEventListener("abort", () => reject(ask.signal.reason as Error), { once: true });
        open.push(resolve);
      });
    return (grant) => {
      for (const answer of open.splice(0)) answer(grant);
    };
  }

  /** The milliseconds between one question and the next. */
  gaps(): readonly number[] {
    const times = this.asked.map(({ atMs }) => atMs);
    return times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  }

  readonly askSource: QuerySource = async (ask) => {
    this.asked.push({ atMs: this.#clock.now(), token: ask.session.accessToken.reveal(), ask });
    return { grant: await this.#answer(ask), answeredBy: "vault.example.com" };
  };
}

export const sessionWith = (token: string): ActiveSession => ({
  id: "session-1",
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "Alice",
  scopes: ["openid", "profile"],
  signedInAtMs: 1_700_000_000_000,
  accessToken: new Secret(token),
});

/** Alice's session. A refused access token is refreshed into the next of `tokens`; after the last she is signed out. */
export class FakeSessions implements SessionSource {
  readonly asked: FreshOptions[] = [];
  /** While set, the answer to everyone. */
  answer: SessionAnswer | Promise<SessionAnswer> | undefined;
  readonly #tokens: string[];

  constructor(tokens: readonly string[]) {
    this.#tokens = [...tokens];
  }

  fresh(_need: unknown, options: FreshOptions): Promise<SessionAnswer> {
    this.asked.push(options);
    if (this.answer !== undefined) return Promise.resolve(this.answer);
    if (options.refused?.reveal() === this.#tokens[0]) this.#tokens.shift();
    const [token] = this.#tokens;
    return Promise.resolve(
      token === undefined
        ? { kind: "signedOut", cause: "revoked" }
        : { kind: "active", session: sessionWith(token) },
    );
  }
}

export interface Acme {
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly board: Board;
  readonly vault: FakeVault;
  readonly sessions: FakeSessions;
  readonly pipeline: Pipeline;
  readonly waits: WaitRegistry;
  readonly connector: Connector;
  /** Puts connectors on the board; without a standing they are approved. */
  readonly load: (connectors: readonly Connector[], standing?: Permission) => void;
}

/** The real board, pipeline and waits over a vault and a session that the test speaks for. */
export const acme = (
  parts: Partial<Pick<PipelineParts, "questionTimeoutMs" | "runScript">> & {
    readonly connector?: Connector;
    readonly tokens?: readonly string[];
  } = {},
): Acme => {
  const { connector = connectorNamed("salesforce"), tokens = ["token-1", "token-2"], ...rest } = parts;
  const clock = fakeClock();
  const log = recordingLog();
  const board = new Board();
  const vault = new FakeVault(clock);
  const sessions = new FakeSessions(tokens);
  const noScript: RunScript = () => Promise.resolve({ exitCode: "notStarted", stdout: "", stderr: "" });
  const pipeline = new Pipeline({
    ...{ board, clock, log, sessions },
    fetch: () => Promise.reject(new Error("Nothing here uses the network.")),
    querySource: vault.askSource,
    findScript: (folder, path) => Promise.resolve({ kind: "inside", path: `${folder}/${path}` }),
    runScript: noScript,
    ...rest,
  });
  const waits = new WaitRegistry({ pipeline, clock });
  const load = (connectors: readonly Connector[], standing: Permission = "approved"): void =>
    board.load(catalogueOf(connectors), () => standing);
  load([connector]);
  return { clock, log, board, vault, sessions, pipeline, waits, connector, load };
};

export const never = (): AbortSignal => new AbortController().signal;

/** Companies for the tests of one file, each of which must leave no wait and no timer behind. */
export const tidyCompanies = (): (() => Acme) => {
  const made: Acme[] = [];
  afterEach(async () => {
    await settle();
    for (const { waits, clock } of made.splice(0)) expect([waits.size, clock.pending]).toEqual([0, 0]);
  });
  return () => {
    const company = acme();
    made.push(company);
    return company;
  };
};

/** The answer once it has come, for tests that look while time passes. */
export const watched = <T>(promise: Promise<T>): { answer: T | undefined } => {
  const seen: { answer: T | undefined } = { answer: undefined };
  void promise.then((answer) => (seen.answer = answer));
  return seen;
};
