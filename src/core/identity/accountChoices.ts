import * as z from "zod";
import type { Catalogue, Connector } from "../config/connector.ts";
import { Emitter } from "../emitter.ts";
import type { MemoryPort } from "../ports.ts";
import { accountOf, type SessionInfo, type SessionNeed } from "./session.ts";

const memoryKey = "lanyard.accounts.v1";
/** Stands for every folder that has no choice of its own. */
const elsewhere = "*";
const mostFolders = 1000;

const choiceSchema = z.object({ account: z.string(), label: z.string() });
/** Folder → issuer and client → account. */
const memorySchema = z.record(z.string(), z.record(z.string(), choiceSchema));

/** The account that a folder uses at an issuer: a hash, and the name that the identity provider has for it. */
export type AccountChoice = z.output<typeof choiceSchema>;

type Client = Pick<SessionNeed, "issuer" | "clientId">;

/** Where a choice counts: the folder of the file, or everything for entries that hold everywhere. */
export const folderOf = ({ origin }: Pick<Connector, "origin">): string => origin.folder ?? elsewhere;

/**
 * Which of several accounts at one issuer each folder uses. Nothing is noted while there is one account: then whoever is
 * signed in is meant. An account that was chosen and is signed out has no substitute.
 */
export class AccountChoices {
  readonly #memory: MemoryPort;
  readonly #changed = new Emitter<undefined>();
  readonly onDidChange = this.#changed.event;

  constructor(memory: MemoryPort) {
    this.#memory = memory;
  }

  chosen(folder: string, client: Client): AccountChoice | undefined {
    const all = this.#all();
    return all.get(folder)?.get(keyOf(client)) ?? all.get(elsewhere)?.get(keyOf(client));
  }

  /** What the identity provider called an account when it was chosen. */
  labelOf(account: string): string | undefined {
    const chosen = [...this.#all().values()].flatMap((clients) => [...clients.values()]);
    return chosen.find((each) => each.account === account)?.label;
  }

  /**
   * These folders use this account from now on. Where it is the first choice at that issuer, all others stay with the one
   * that was there before.
   */
  async choose(
    folders: readonly string[],
    session: SessionInfo,
    others: readonly SessionInfo[],
  ): Promise<void> {
    const all = this.#all();
    const note = (folder: string, chosen: SessionInfo): void => {
      const known = all.get(folder) ?? new Map<string, AccountChoice>();
      all.delete(folder);
      all.set(folder, known.set(keyOf(chosen), choiceOf(chosen)));
    };
    const [before] = others.filter((other) => isSameClient(other, session) && !isSameAccount(other, session));
    if (before !== undefined && all.get(elsewhere)?.has(keyOf(session)) !== true) note(elsewhere, before);
    for (const folder of folders) note(folder, session);
    await this.#store(all);
    this.#changed.fire(undefined);
  }

  /** The entries, each with the account that its folder uses. */
  applied(catalogue: Catalogue): Catalogue {
    const connectors = catalogue.connectors.map((connector) => {
      const chosen = this.chosen(folderOf(connector), connector.userAuth);
      return chosen === undefined
        ? connector
        : { ...connector, userAuth: { ...connector.userAuth, account: chosen.account } };
    });
    return { ...catalogue, connectors };
  }

  /** Maps, because a folder may have any name. */
  #all(): Map<string, Map<string, AccountChoice>> {
    const parsed = memorySchema.safeParse(this.#memory.get(memoryKey));
    const folders = parsed.success ? Object.entries(parsed.data) : [];
    return new Map(folders.map(([folder, chosen]) => [folder, new Map(Object.entries(chosen))]));
  }

  /** The choice for everywhere else is never the one that is forgotten. */
  async #store(all: ReadonlyMap<string, ReadonlyMap<string, AccountChoice>>): Promise<void> {
    const kept = [...all].filter(([folder]) => folder !== elsewhere).slice(-mostFolders);
    const general = all.get(elsewhere);
    const folders = general === undefined ? kept : [...kept, [elsewhere, general] as const];
    await this.#memory.update(
      memoryKey,
      Object.fromEntries(folders.map(([folder, chosen]) => [folder, Object.fromEntries(chosen)])),
    );
  }
}

const keyOf = ({ issuer, clientId }: Client): string => JSON.stringify([issuer, clientId]);

const choiceOf = (session: SessionInfo): AccountChoice => ({
  account: accountOf(session),
  label: session.accountLabel,
});

export const isSameClient = (a: Client, b: Client): boolean => keyOf(a) === keyOf(b);

export const isSameAccount = (a: SessionInfo, b: SessionInfo): boolean => accountOf(a) === accountOf(b);
