/** The test's side of the editor: what the person was shown, and what they answer. */
import { show } from "./shown.ts";
import { EventEmitter } from "./widgets.ts";

/** One message with what it offered. */
export interface Message {
  readonly kind: "information" | "warning" | "error";
  readonly text: string;
  readonly buttons: readonly string[];
  readonly modal: boolean;
  readonly detail: string | undefined;
}

export interface QuickPick {
  readonly labels: readonly string[];
  readonly title: string | undefined;
}

export type Handler = (...args: readonly unknown[]) => unknown;

/** What the person does, and what they saw. `reset` before each test. */
export class Person {
  readonly messages: Message[] = [];
  readonly picks: QuickPick[] = [];
  /** Titles of the progress that is shown at this moment, and what they said. */
  readonly progress: string[] = [];
  readonly reports: string[] = [];
  /** Commands that were executed, with their arguments. */
  readonly executed: (readonly unknown[])[] = [];
  readonly opened: string[] = [];
  /** What was asked of the editor's own sign-ins: the provider and the scopes. */
  readonly sessionsAsked: (readonly string[])[] = [];
  /** What its menu of accounts offers to sign in for. */
  readonly sessionsOffered: (readonly string[])[] = [];
  readonly settings = new Map<string, unknown>();
  /** What the workspace itself says. Where one folder alone is open, that is what the folder says. */
  readonly workspaceSettings = new Map<string, unknown>();
  readonly registered = new Map<string, Handler>();
  /** The folders that are open, each with what its own settings say. */
  folders: readonly ReadonlyMap<string, unknown>[] = [];
  /** The button that they press, by its text; nothing when they close the message. */
  answer: (message: Message) => string | undefined = () => undefined;
  /** The label that they pick. */
  pick: (shown: QuickPick) => string | undefined = () => undefined;
  /** What becomes of a sign-in that the editor is asked for. */
  signIn: () => Promise<void> = () => Promise.resolve();
  clipboard = "";
  isTrusted = true;
  #cancels: (() => void)[] = [];

  reset(): void {
    for (const list of [this.messages, this.picks, this.progress, this.reports, this.executed])
      list.length = 0;
    this.opened.length = 0;
    this.sessionsAsked.length = 0;
    this.sessionsOffered.length = 0;
    for (const map of [this.settings, this.workspaceSettings, this.registered]) map.clear();
    this.folders = [];
    this.answer = () => undefined;
    this.pick = () => undefined;
    this.signIn = () => Promise.resolve();
    this.clipboard = "";
    this.isTrusted = true;
    this.#cancels = [];
  }

  /** Runs a command as the palette does. */
  async run(command: string, ...args: readonly unknown[]): Promise<void> {
    const handler = this.registered.get(command);
    if (handler === undefined) throw new Error(`Nobody has registered ${command}.`);
    await handler(...args);
  }

  /** Changes a setting, and tells whoever listens. */
  set(key: string, value: unknown): void {
    this.settings.set(key, value);
    configurationChanged.fire({ affectsConfiguration: (section) => key.startsWith(section) });
  }

  /** Presses Cancel on whatever progress is shown. */
  cancelProgress(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  /** A progress is shown, which `cancel` ends. */
  sees(title: string, cancel: () => void): void {
    show(title);
    this.progress.push(title);
    this.#cancels.push(cancel);
  }
}

export const configurationChanged = new EventEmitter<{ affectsConfiguration(section: string): boolean }>();

export const editor = new Person();
