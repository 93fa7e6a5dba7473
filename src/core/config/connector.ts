import type { NamedToolRules } from "../mcp/toolRules.ts";
import type { Issue, Place } from "./issues/issue.ts";
import type { Transport, UserAuth } from "./schema/signInSchema.ts";

/**
 * Where an entry was read from. `folder` is the directory in whose sessions Claude Code runs the helper: that of the
 * `.mcp.json`, or the project of a local entry. `realFolder` is the same without links, where that is another path.
 */
export type EntryOrigin =
  | {
      readonly kind: "workspace";
      readonly file: string;
      readonly folder: string;
      readonly realFolder?: string;
    }
  /** The user's Claude configuration; `folder` is set for entries of one project. */
  | {
      readonly kind: "user";
      readonly file: string;
      readonly folder?: string;
      readonly realFolder?: never;
    }
  /** The administrator's `managed-mcp.json`, which holds in every folder. */
  | { readonly kind: "managed"; readonly file: string; readonly folder?: never; readonly realFolder?: never };

/** What the entry's `headersHelper` does. */
export type HelperRoute =
  | { readonly kind: "lanyard" }
  /** `lanyard headers -- command`: the team's own script makes the headers. */
  | { readonly kind: "script"; readonly command: string; readonly stdin: boolean }
  /** The entry is a command that clients start: `lanyard bridge` with the entry's own name. */
  | { readonly kind: "bridge" }
  /** A helper of someone else's, or none: Lanyard shows the connector but Claude Code never asks it. */
  | { readonly kind: "foreign"; readonly command: string }
  | { readonly kind: "absent" };

/** `userAuth.credential`: the name of a source, and options that the source itself reads (through its own schema). */
export interface CredentialConfig {
  readonly source: string;
  readonly [option: string]: unknown;
}

/** One MCP server entry that has `userAuth`, with every variable expanded. */
export interface Connector {
  /** Unique over all files: origin and name. Stable while the entry stays where it is. */
  readonly id: string;
  readonly name: string;
  readonly transport: Transport;
  readonly url: string;
  /** With the account that is meant, where the person has several: their choice, not the file's. */
  readonly userAuth: UserAuth & { readonly account?: string };
  readonly credential: CredentialConfig;
  readonly helper: HelperRoute;
  /** The `headersHelper` string itself, as a shell gets it; of a bridge, the command that clients start. */
  readonly helperCommand?: string;
  /** The names that its guards have: those of the source's headers, and those that the entry has one under. */
  readonly guarded?: readonly string[];
  /** What policies narrow its tools by, beside `userAuth.tools`. */
  readonly narrowed?: readonly NamedToolRules[];
  readonly origin: EntryOrigin;
  /** As it may be shown and kept; absent where no variable is in it. */
  readonly shown?: ShownEntry;
  /** Where the entry's name stands. */
  readonly place: Place;
}

/** An entry with the variables of the environment by their names, and defaults filled in. */
export interface ShownEntry {
  readonly url: string;
  readonly issuer: string;
  /** `credential` as the file has it, as JSON. */
  readonly credential: string | undefined;
  /** The variables whose values go out with what the entry sends. */
  readonly variables: readonly string[];
}

/** What a set of files says: the connectors that can work, the entries that cannot, and every issue found. */
export interface Catalogue {
  readonly connectors: readonly Connector[];
  /** Entries with `userAuth` that have an error: shown as misconfigured, never acted on. */
  readonly broken: readonly BrokenEntry[];
  readonly issues: readonly Issue[];
}

export interface BrokenEntry {
  readonly id: string;
  readonly name: string;
  readonly guarded?: readonly string[];
  readonly origin: EntryOrigin;
  readonly place: Place;
  readonly issues: readonly Issue[];
}
