import * as vscode from "vscode";
import * as z from "zod";
import { inBackground } from "../../core/background.ts";
import type { UserActions } from "../../core/connectors/wait/userActions.ts";
import {
  attention,
  isStillNeeded,
  reviewCause,
  type Need,
  type NeedKind,
} from "../../core/connectors/wording/attention.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { Clock, MemoryPort } from "../../core/ports.ts";
import { reconnectCommand } from "../../core/connectors/reconnect.ts";
import { plainText } from "../../core/text.ts";
import { viewId } from "../manifestNames.ts";
import { tellInformation } from "../screen.ts";
import { settingHere } from "../configuration/settings.ts";

const t = vscode.l10n.t;

const mutedKey = "lanyard.muted.v1";
const reviewedKey = "lanyard.reviewOffered.v1";
const idsSchema = z.array(z.string());
/** Changes come in groups: one that is followed by another within this time is told together with it. */
const settleMs = 800;

export interface NotificationParts {
  readonly board: Board;
  readonly acts: UserActions;
  readonly clock: Clock;
  /** Of the person: which connectors they want to hear nothing of. */
  readonly memory: MemoryPort;
  /** Of this workspace: whether the review was offered. */
  readonly workspaceMemory: MemoryPort;
  /** The person has the connectors before them. */
  readonly isInSight: () => boolean;
  /** What the button of a notification does. */
  readonly run: (need: Need) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** At most one notification for everything that needs the person, and never a second for the same cause. */
export class Notifications implements Disposable {
  readonly #parts: NotificationParts;
  readonly #owned = new DisposableStore();
  #told: ReadonlySet<string>;
  #soon: Disposable | undefined;

  constructor(parts: NotificationParts) {
    this.#parts = parts;
    this.#told = new Set(parts.workspaceMemory.get(reviewedKey) === true ? [reviewCause] : []);
    this.#owned.add(parts.board.onDidChange(() => this.#lookSoon()));
    this.#owned.add(parts.acts.onDidChange(() => this.#lookSoon()));
    this.#lookSoon();
  }

  dispose(): void {
    this.#soon?.dispose();
    this.#owned.dispose();
  }

  #lookSoon(): void {
    this.#soon?.dispose();
    this.#soon = this.#parts.clock.after(settleMs, () => {
      this.#soon = undefined;
      this.#look();
    });
  }

  #look(): void {
    if (!isOn()) return;
    const { board, acts, workspaceMemory, onError } = this.#parts;
    const muted = this.#muted();
    const { speakOf, told } = attention({
      entries: board.entries(),
      told: this.#told,
      isPersonBusy: acts.isPersonBusy,
      isMuted: (id) => muted.has(id),
      isInSight: this.#parts.isInSight(),
    });
    if (speakOf.some(({ kind }) => kind === "review")) {
      inBackground("notifications.remember", () => workspaceMemory.update(reviewedKey, true));
    }
    this.#told = told;
    if (speakOf.length > 0) this.#speak(speakOf).catch(onError);
  }

  async #speak(needs: readonly Need[]): Promise<void> {
    const { message, action } = wordsFor(needs);
    const mute =
      needs.length === 1
        ? t("Don't Ask Again for This Connector")
        : t("Don't Ask Again for These Connectors");
    const isReview = needs.every(({ kind }) => kind === "review");
    const choice = await tellInformation(message, action, ...(isReview ? [] : [mute]));
    if (choice === mute) return this.#mute(needs);
    if (choice !== action) return;
    const [first] = needs;
    // The editor takes no message back that has buttons: what it offers may be done by the time it is clicked.
    const isOver = !isStillNeeded(needs, this.#parts.board.entries());
    if (first !== undefined && isOneStep(needs) && !isOver) await this.#parts.run(first);
    else await vscode.commands.executeCommand(`${viewId}.focus`);
  }

  #muted(): ReadonlySet<string> {
    const parsed = idsSchema.safeParse(this.#parts.memory.get(mutedKey));
    return new Set(parsed.success ? parsed.data : []);
  }

  async #mute(needs: readonly Need[]): Promise<void> {
    const ids = new Set([...this.#muted(), ...needs.map(({ connectorId }) => connectorId)]);
    await this.#parts.memory.update(mutedKey, idsSchema.parse([...ids]));
  }
}

const isOn = (): boolean => settingHere("notifications") !== "off";

/** One button can do it for all of them: a single connector, a sign-in, or the review. */
const isOneStep = (needs: readonly Need[]): boolean => {
  const [first] = needs;
  if (first === undefined || first.kind === "approveElsewhere") return false;
  if (first.kind === "review") return needs.every(({ kind }) => kind === "review");
  return needs.every(({ cause }) => cause === first.cause);
};

const wordsFor = (needs: readonly Need[]): { readonly message: string; readonly action: string } => {
  const [first] = needs;
  const names = namesOf(needs);
  const show = t("Show Connectors");
  if (needs.length > 1 && needs.every(({ kind }) => kind === "reconnect")) {
    return {
      message: t(
        "{0} are ready, and Claude Code does not ask again by itself. Reconnect them with /mcp in it.",
        names,
      ),
      action: show,
    };
  }
  if (first === undefined || (needs.length > 1 && !isOneStep(needs))) {
    return { message: t("Connectors that need you: {0}.", names), action: show };
  }
  const { message, action = show } = words(needs.length, names, first)[first.kind];
  return { message, action };
};

const words = (
  count: number,
  names: string,
  first: Need,
): Readonly<Record<NeedKind, { readonly message: string; readonly action?: string }>> => ({
  review: {
    message:
      count === 1
        ? t("The connector {0} can get its credential through Lanyard once you have reviewed it.", names)
        : t("{0} connectors can get their credentials through Lanyard once you have reviewed them.", count),
    action: t("Review Connectors"),
  },
  reconnect: {
    message: t(
      "{0} is ready, and Claude Code does not ask again by itself. Type {1} in it.",
      names,
      reconnectCommand(first.name),
    ),
    action: t("Copy Command"),
  },
  signIn: {
    message:
      count === 1
        ? t("The connector {0} needs you to sign in.", names)
        : t("{0} connectors need you to sign in.", count),
    action: t("Sign In"),
  },
  connect: { message: t("{0} needs your account to be connected once.", names), action: t("Authorize") },
  stepUp: { message: t("{0} needs a stronger sign-in.", names), action: t("Step Up") },
  approveElsewhere: {
    message:
      first.bindingMessage === undefined || first.bindingMessage === ""
        ? t("{0} waits for your approval on your phone.", names)
        : t("{0} waits for your approval on your phone: {1}", names, plainText(first.bindingMessage, 120)),
  },
});

const mostNames = 4;

const namesOf = (needs: readonly Need[]): string => {
  const names = needs.map(({ name }) => plainText(name, 40));
  if (names.length <= mostNames) return names.join(", ");
  return t("{0} and {1} more", names.slice(0, mostNames).join(", "), names.length - mostNames);
};
