import type { Shell } from "../command/shell.ts";
import type { EntryOrigin } from "../connector.ts";
import type { Places } from "../text/places.ts";
import type { Defaults } from "./defaults.ts";
import type { Env } from "./expand.ts";

/** What an entry stands in. */
export interface EntryFrame {
  readonly text: string;
  readonly places: Places;
  readonly origin: EntryOrigin;
  readonly env: Env;
  readonly shell: Shell;
  /** The `userAuth` beside the servers. */
  readonly defaults?: Defaults;
}
