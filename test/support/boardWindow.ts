import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Catalogues } from "../../src/core/config/catalogue.ts";
import { parseFile } from "../../src/core/config/parse.ts";
import { UserActions } from "../../src/core/connectors/wait/userActions.ts";
import { Board } from "../../src/core/connectors/board/board.ts";
import { Pipeline } from "../../src/core/connectors/pipeline/pipeline.ts";
import { BackgroundFollower } from "../../src/core/connectors/wait/backgroundFollower.ts";
import { WaitRegistry } from "../../src/core/connectors/wait/waitRegistry.ts";
import { querySource } from "../../src/core/credentials/querySource.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import { boundedFetch } from "../../src/core/http.ts";
import { Discovery } from "../../src/core/identity/idp/discovery.ts";
import type { IdentityService } from "../../src/core/identity/session.ts";
import type { Fetch, Log } from "../../src/core/ports.ts";
import { english } from "../../src/core/text.ts";
import { startAgent } from "../../src/ipc/start.ts";
import { systemClock } from "../../src/node/clock.ts";
import { findScript } from "../../src/node/script/findScript.ts";
import { shellHere } from "../../src/node/shell.ts";
import { runScriptHere } from "../../src/node/script/runScript.ts";

/** A window without an editor: the connectors of a folder, all approved, and an agent for helpers. */
export interface BoardWindow extends AsyncDisposable {
  readonly board: Board;
  readonly waits: WaitRegistry;
  readonly acts: UserActions;
  readonly standby: BackgroundFollower;
}

export interface BoardWindowOptions {
  /** The folder with `.mcp.json`. */
  readonly workspace: string;
  /** What LANYARD_HOME names. */
  readonly home: string;
  readonly identity: IdentityService;
  readonly fetch: Fetch;
  readonly log: Log;
}

export const openBoardWindow = async (options: BoardWindowOptions): Promise<BoardWindow> => {
  await using stack = new AsyncDisposableStack();
  const { board, pipeline } = await loadBoard(options);
  const waits = new WaitRegistry({ pipeline, clock: systemClock });
  stack.defer(() => waits.dispose());
  const acts = new UserActions();
  stack.defer(() => acts.dispose());
  const standby = new BackgroundFollower({ pipeline, waits, actions: acts });
  const agent = await startAgent({
    consent: () => Promise.resolve({ result: "allowed" }),
    ...{ home: options.home, version: "0.0.0-test", board, acting: acts },
    ...{ clock: systemClock, log: options.log, pipeline: waits, sessions: options.identity, t: english },
  });
  stack.defer(() => agent.stop());
  const open = stack.move();
  return { board, waits, acts, standby, [Symbol.asyncDispose]: () => open.disposeAsync() };
};

const loadBoard = async ({
  workspace,
  identity,
  log,
  ...ports
}: BoardWindowOptions): Promise<{ readonly board: Board; readonly pipeline: Pipeline }> => {
  const file = join(workspace, ".mcp.json");
  const catalogues = new Catalogues();
  catalogues.update(
    parseFile({
      text: await readFile(file, "utf8"),
      origin: { kind: "workspace", folder: workspace, file },
      env: () => undefined,
      shell: shellHere,
    }),
  );
  const board = new Board();
  board.load(catalogues.catalogue([workspace]), () => "approved");
  const fetch = boundedFetch(ports.fetch, systemClock);
  const discovery = new Discovery(fetch, systemClock);
  const pipeline = new Pipeline({
    ...{ clock: systemClock, log, board, fetch, sessions: identity, querySource },
    ...{ keeper: new SessionCache(), findScript, shell: shellHere },
    runScript: runScriptHere(process.env),
    tokenEndpoint: (issuer, signal) => discovery.tokenEndpoint(issuer, signal),
  });
  return { board, pipeline };
};
