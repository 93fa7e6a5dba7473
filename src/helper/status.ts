import { paths } from "../ipc/wire.ts";
import { askAgent } from "./ask.ts";
import type { Options } from "./commandLine.ts";
import type { Environment } from "./environment.ts";
import type { Outcome } from "./outcome.ts";

/** `lanyard status`: what the board shows. */
export const status = (environment: Environment, options: Options): Promise<Outcome> =>
  askAgent(environment, paths.status, {}, { asker: "person", json: options.json });
