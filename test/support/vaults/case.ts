import type { GrantKind } from "../../../src/core/credentials/grant.ts";
import type { SourcePorts } from "../../../src/core/credentials/source.ts";
import type { Vault } from "./server.ts";

/** Where a row runs. */
export interface Scene {
  /** The vault's origin. */
  readonly origin: string;
  readonly nowMs: number;
}

export type Expected = { readonly kind: GrantKind } & Readonly<Record<string, unknown>>;

/** One answer of a vault, and the grant it means. */
export interface AnswerRow {
  readonly answer: string;
  readonly vault: Vault;
  readonly means: (scene: Scene) => Expected;
  /** Added to the case's entry. */
  readonly entry?: (scene: Scene) => object;
}

/** One credential source: its entry, its vault, and every answer of that vault. One a row of the registry. */
export interface SourceCase {
  readonly source: string;
  readonly entry: (scene: Scene) => object;
  readonly ports?: (scene: Scene) => Partial<SourcePorts>;
  /** The vault, handing out this credential. */
  readonly granting: (credential: string) => Vault;
  /** Where the credential is in the reply: the last word on what may be granted. */
  readonly place: string;
  /** What a source with two steps is told in the first, so that it comes to the second. */
  readonly firstStep?: object;
  /** What headers it becomes. */
  readonly headers: (credential: string) => Readonly<Record<string, string>>;
  readonly answers: readonly AnswerRow[];
  /** The vault, handing out a credential that was over a minute ago; for vaults that say when it ends. */
  readonly expired?: (scene: Scene) => Vault;
}

/** The one issue of a `misconfigured` grant, whose words hold this. */
export const misconfigured = (): Expected => ({ kind: "misconfigured" });
export const signedOut = (): Expected => ({ kind: "signedOut", cause: "revoked" });
