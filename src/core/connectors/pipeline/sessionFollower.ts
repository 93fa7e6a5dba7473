import { inBackground } from "../../background.ts";
import type { Disposable } from "../../disposable.ts";
import { serves } from "../../identity/needs.ts";
import type { IdentityService, SessionChange, SessionInfo } from "../../identity/session.ts";
import type { Clock } from "../../ports.ts";
import { startTrace } from "../../trace.ts";
import { hostOf } from "../../urls.ts";
import type { Board } from "../board/board.ts";
import { checkInTurns } from "./checkInTurns.ts";
import { lastAnswer, type Status } from "../board/status.ts";
import type { WaitRegistry } from "../wait/waitRegistry.ts";

export interface SessionFollowerParts {
  readonly board: Board;
  readonly waits: Pick<WaitRegistry, "look" | "wake" | "wakeAll">;
  readonly identity: Pick<IdentityService, "list" | "onDidChange">;
  readonly clock: Clock;
  /** Shows the sessions that there are. */
  readonly show: (sessions: readonly SessionInfo[]) => void;
}

/** Keeps the board in step with the sessions: whoever lost theirs is refused at once, whoever waited for one is asked. */
export class SessionFollower implements Disposable {
  readonly #parts: SessionFollowerParts;
  readonly #listening: Disposable;
  /** As they were read last. */
  #sessions: readonly SessionInfo[] = [];
  #reading: Promise<readonly SessionInfo[]> | undefined;

  constructor(parts: SessionFollowerParts) {
    this.#parts = parts;
    this.#listening = parts.identity.onDidChange((change) =>
      inBackground("sessions.follow", () => this.#onSessions(change)),
    );
  }

  /** Of readings that overlap, the one begun last is shown: another may still hold what has ended meanwhile. */
  async read(): Promise<void> {
    const reading = this.#parts.identity.list();
    this.#reading = reading;
    const sessions = await reading;
    if (this.#reading === reading) this.#show(sessions);
  }

  /** Checks the connectors whose status is wanted. */
  async checkThose(wanted: (status: Status) => boolean): Promise<void> {
    const ids = this.#parts.board
      .entries()
      .filter(({ status }) => wanted(status))
      .map(({ connector }) => connector.id);
    await checkInTurns(ids, (id) => this.#check(id));
  }

  async checkAll(): Promise<void> {
    await this.checkThose((status) => mayBeAsked(status) && !waitsOnPhone(status));
  }

  dispose(): void {
    this.#listening.dispose();
  }

  async #check(connectorId: string): Promise<void> {
    await this.#parts.waits.look(connectorId, new AbortController().signal);
  }

  #show(sessions: readonly SessionInfo[]): void {
    this.#sessions = sessions;
    this.#parts.show(sessions);
  }

  /** A mere renewal has nobody checked: it changes no answer, and a check may be what caused it. */
  async #onSessions(change: SessionChange): Promise<void> {
    // What ended is shown before anything else is read: a storage may take its time.
    const gone = new Set(change.removed.map(({ id }) => id));
    this.#show(this.#sessions.filter(({ id }) => !gone.has(id)));
    for (const session of change.removed) this.#onEnd(session, this.#sessions);
    await this.read();
    const isNew = change.added.length > 0;
    const isSignIn = isNew || change.changed.some(({ by }) => by === "signIn");
    if (isSignIn || change.removed.length > 0) this.#parts.waits.wakeAll();
    if (isNew) await this.checkAll();
    else if (isSignIn) await this.checkThose(mayBeSatisfied);
  }

  /** Whoever waited for this session is refused at once; whoever another account serves is asked for by that. */
  #onEnd(ended: SessionChange["removed"][number], left: readonly SessionInfo[]): void {
    const { board, waits, clock } = this.#parts;
    const traceId = startTrace().traceId;
    const evidence = { answeredBy: hostOf(ended.issuer), atMs: clock.now(), traceId };
    for (const { connector } of board.entries()) {
      const { id, userAuth } = connector;
      if (!serves(ended, userAuth)) continue;
      if (left.some((session) => serves(session, userAuth)))
        inBackground("sessions.check", () => this.#check(id));
      else board.record(id, { kind: "signedOut", cause: ended.cause }, evidence);
      waits.wake(id);
    }
  }
}

const mayBeAsked = ({ kind }: Status): boolean => kind !== "untrusted" && kind !== "unapproved";

/** A push was sent. A vault that does not know `Prefer: no-push` would send the next one once that is over. */
const waitsOnPhone = (status: Status): boolean => {
  const known = lastAnswer(status);
  return known?.kind === "stepUp" && known.how.kind === "push" && known.how.unsent !== true;
};

/** By a session that was signed in anew: whoever waits for a sign-in or a stronger one, or whose token was refused. */
const mayBeSatisfied = (status: Status): boolean =>
  status.kind === "signedOut" ||
  (status.kind === "stepUp" && status.how.kind === "reauthenticate") ||
  (status.kind === "misconfigured" && status.retryAtMs !== undefined);
