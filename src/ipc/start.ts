import { disposable, DisposableStore, type Disposable } from "../core/disposable.ts";
import { keepSocket } from "./endpoint/socketKeeper.ts";
import { errnoOf } from "../core/errors.ts";
import type { Event } from "../core/emitter.ts";
import type { WithLock } from "../core/identity/context.ts";
import type { Log } from "../core/ports.ts";
import { StorageWatch, type WatchedStorage } from "../core/secrets/storageWatch.ts";
import { Sharing } from "../core/connectors/board/sharing.ts";
import { agentRouter, type AgentParts } from "./agent.ts";
import { probeEndpoint } from "./client.ts";
import { createEndpoint, type Endpoint, type EndpointOptions } from "./endpoint/endpoint.ts";
import type { EndpointRecord } from "./endpoint/endpointFile.ts";
import { Locks } from "./endpoint/locks.ts";
import { AgentServer, type ServerLimits } from "./server/server.ts";
import { WindowRequests } from "./windows/windowRequests.ts";
import type { News, ConnectorRow } from "./windows/messages.ts";
import type { ActiveConnectors } from "./windows/directory.ts";
import { Windows, type WindowLimits } from "./windows/windows.ts";

export interface AgentOptions
  extends Omit<AgentParts, "among">, Pick<EndpointOptions, "home" | "version" | "shortDirectories"> {
  readonly log: Log;
  readonly acting?: ActiveConnectors;
  /** This window's secret storage; absent, it always works. */
  readonly storage?: WatchedStorage;
  readonly limits?: Partial<ServerLimits>;
  readonly windowLimits?: Partial<WindowLimits>;
  /** What another window tells beside what it sees. */
  readonly onNews?: (news: Exclude<News, { readonly kind: "seen" }>) => void;
}

export interface RunningAgent {
  readonly record: EndpointRecord;
  /** Whether helpers find this window; the others register with the one that they find. */
  readonly isLeading: () => boolean;
  /** The connectors of another window that leads; undefined until it has told. None while this one does. */
  readonly leadersRows: () => readonly ConnectorRow[] | undefined;
  /** Another window leads, or a window has other connectors. */
  readonly onDidChangeWindows: Event<undefined>;
  /** Lets one window at a time do something, of all of this user's on this machine. */
  readonly withLock: WithLock;
  /** Tells all other windows. */
  readonly tell: (news: News) => void;
  /** Another window takes over; whoever waits here is refused or asks again there. Leaves no file behind. */
  readonly stop: () => Promise<void>;
}

/**
 * Listens at a place of its own, then leads, or registers with the window that does.
 * @throws LanyardError `endpointUnsafe` when others can reach the place.
 */
export const startAgent = async (options: AgentOptions): Promise<RunningAgent> => {
  const { home, version, shortDirectories } = options;
  const place = {
    ...{ home, version, probe: probeEndpoint },
    ...(shortDirectories === undefined ? {} : { shortDirectories }),
  };
  const { endpoint, agent, server } = await listening(options, place);
  const keeper = keeperOf(options, endpoint, server);
  const stop = async (): Promise<void> => {
    keeper.dispose();
    const isReplaced = await agent.windows.stepDown();
    await agent.locks.stop();
    await endpoint.release();
    await server.close(isReplaced ? "letGo" : "refuse");
    await agent.windows.stop();
    agent.owned.dispose();
    await endpoint.clear();
  };
  try {
    await agent.windows.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const { windows, locks } = agent;
  return {
    record: endpoint.record,
    isLeading: () => windows.isLeading,
    leadersRows: () => windows.leadersRows,
    onDidChangeWindows: windows.onDidChange,
    withLock: (name, work) => locks.run(name, work),
    tell: (news) => windows.tell(news),
    stop,
  };
};

interface Listening {
  readonly endpoint: Endpoint;
  readonly agent: Assembled;
  readonly server: AgentServer;
}

/** Under the home; where its file system has no sockets, at a place that has. */
const listening = async (options: AgentOptions, place: EndpointOptions): Promise<Listening> => {
  const endpoint = await createEndpoint(place);
  const agent = assemble(options, endpoint);
  try {
    return { endpoint, agent, server: await agent.listen() };
  } catch (error) {
    agent.owned.dispose();
    const mayBeElsewhere = place.isSocketElsewhere !== true && endpoint.record.address.kind === "socket";
    if (!mayBeElsewhere || !hasNoSockets.includes(errnoOf(error) ?? "")) throw error;
    return listening(options, { ...place, isSocketElsewhere: true });
  }
};

const hasNoSockets: readonly string[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"];

/** A named pipe cannot be swept away. */
const keeperOf = ({ clock, log }: AgentOptions, endpoint: Endpoint, server: AgentServer): Disposable => {
  const { kind, path } = endpoint.record.address;
  if (kind === "pipe") return disposable(() => undefined);
  const restore = async (): Promise<void> => {
    await endpoint.makeRoom();
    await server.relisten();
    await endpoint.closeToOthers();
  };
  return keepSocket({ path, clock, log, restore });
};

interface Assembled {
  readonly windows: Windows;
  readonly locks: Locks;
  readonly owned: DisposableStore;
  readonly listen: () => Promise<AgentServer>;
}

const assemble = (options: AgentOptions, endpoint: Endpoint): Assembled => {
  const { home, version, board, clock, log, acting, storage, limits, windowLimits, onNews } = options;
  const { record } = endpoint;
  const windows = new Windows({
    ...{ home, endpoint, board, clock, log },
    ...(acting === undefined ? {} : { acting }),
    ...(storage === undefined ? {} : { storage }),
    ...(windowLimits === undefined ? {} : { limits: windowLimits }),
  });
  const locks = new Locks({ home, record, clock, log });
  const owned = new DisposableStore();
  const sharing = owned.add(
    new Sharing(
      board,
      (observations) => windows.tell({ kind: "seen", observations: [...observations] }),
      () => !windows.isIll,
    ),
  );
  if (storage !== undefined) {
    const isWanted = (): boolean => windows.isLeading && windows.others.length > 0;
    owned.add(new StorageWatch({ storage, clock, isWanted }));
  }
  windows.greetWith(() => [{ kind: "seen", observations: [...sharing.all()] }]);
  owned.add(
    windows.onNews((news) => {
      if (news.kind === "seen") sharing.take(news.observations);
      else onNews?.(news);
    }),
  );
  const among = {
    windowId: windows.id,
    elsewhere: new WindowRequests(windows),
    locks,
    isIll: () => windows.isIll,
  };
  const listen = (): Promise<AgentServer> =>
    AgentServer.listen({
      address: record.address.path,
      key: record.key,
      ...{ version, log, router: agentRouter({ ...options, among }) },
      isLeading: () => windows.isLeading,
      onWindow: (connection) => windows.admit(connection),
      ...(limits === undefined ? {} : { limits }),
    });
  return { windows, locks, owned, listen };
};
