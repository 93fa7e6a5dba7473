import type { StartCommand } from "../../../../src/core/config/command/bridgeCommand.ts";
import type { OtherClient, OtherName } from "../../../../scripts/clients/otherClients.ts";

export type StagedName = OtherName | "claude-code";

/** A client that can be run on a stage. */
export interface StagedClient extends Omit<OtherClient, "name"> {
  readonly name: StagedName;
}

/** Where a client is run: a home and a project of its own, and a model on this machine. */
export interface Place {
  readonly client: StagedClient;
  readonly home: string;
  readonly project: string;
  readonly modelUrl: string;
  /** The connector's name, and what starts its bridge. */
  readonly server: string;
  readonly entry: StartCommand;
}

/** How one client is told of a server and a model, and given a message. */
export interface Driver {
  /** The files of its configuration, by their paths. */
  readonly files: (place: Place) => Readonly<Record<string, string | object>>;
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  /** A message without a person who looks at a screen. */
  readonly once: (message: string, place: Place) => readonly string[];
  /** What has to be run before the first message. */
  readonly before?: (place: Place) => readonly (readonly string[])[];
  /** Its configuration is the person's, so it starts the bridge in any folder. */
  readonly isEverywhere?: true;
  /** What of the table it cannot do, and why. */
  readonly cannot?: Readonly<Partial<Record<Column, string>>>;
}

/** What is measured with every client. */
export const columns = [
  "lists tools",
  "calls",
  "refused connector says why",
  "approved in its own dialog",
  "revoked",
  "agent killed and back",
] as const;

export type Column = (typeof columns)[number];
