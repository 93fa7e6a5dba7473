import { paths } from "../ipc/wire.ts";
import { askAgent } from "./ask.ts";
import type { Options } from "./commandLine.ts";
import type { Environment } from "./environment.ts";
import type { Outcome } from "./outcome.ts";

/** `lanyard token`: the access token behind a connector, or of an issuer. */
export const token = (environment: Environment, options: Options): Promise<Outcome> => {
  const server = options.server ?? environment.server;
  const url = options.url ?? environment.url;
  const fields = { server, url, issuer: options.issuer ?? "" };
  return askAgent(environment, paths.token, fields, { asker: "person", json: options.json });
};
