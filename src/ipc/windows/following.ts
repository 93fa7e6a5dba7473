import { request as httpRequest } from "node:http";
import type { Duplex } from "node:stream";
import { inBackground } from "../../core/background.ts";
import type { Disposable } from "../../core/disposable.ts";
import type { Clock } from "../../core/ports.ts";
import type { EndpointRecord } from "../endpoint/endpointFile.ts";
import { agentUrl, paths, windowsUpgrade } from "../wire.ts";
import { Channel } from "./channel.ts";
import type { Message } from "./messages.ts";

export interface FollowingParts {
  readonly clock: Clock;
  /** How long the leader may be silent before it is pinged. */
  readonly silenceMs: number;
  readonly hello: () => Message;
  /** Asks whether the leader answers, and still leads. */
  readonly ping: (leader: EndpointRecord) => Promise<boolean>;
  readonly onMessage: (message: Message) => void;
  /** The leader has taken this window in; `send` reaches it. */
  readonly onAdmitted: (send: (message: Message) => void) => void;
}

/** How following ended. */
export type Ended =
  /** The connection is gone, and with it most likely the leader; or the leader has said that it goes. */
  | "gone"
  /** The leader's process is there, and does nothing. */
  | "silent"
  /** It could not be begun. */
  | "refused";

/** Follows a leader until either of the two is gone. */
export const follow = async (
  leader: EndpointRecord,
  parts: FollowingParts,
  signal: AbortSignal,
): Promise<Ended> => {
  const connection = await connect(leader, parts.silenceMs * 2, signal);
  if (typeof connection === "string") return connection;
  let admitted = false;
  return new Promise((resolve) => {
    const watch = new Watch(parts, leader, () => finish("silent"));
    const channel: Channel = new Channel(connection, {
      onData: () => watch.restart(),
      onMessage: (message) => {
        if (message.kind === "leaving") {
          finish("gone");
          return;
        }
        parts.onMessage(message);
        if (message.kind === "roster" && !admitted) {
          admitted = true;
          parts.onAdmitted((own) => channel.send(own));
        }
      },
      onEnd: () => finish("gone"),
    });
    const finish = (how: Ended): void => {
      watch.dispose();
      signal.removeEventListener("abort", stop);
      resolve(how);
      channel.end();
    };
    const stop = (): void => finish("gone");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) {
      stop();
      return;
    }
    watch.restart();
    channel.send(parts.hello());
  });
};

/** Silence alone says little: this side may have been busy itself. So the leader is asked before it is given up. */
class Watch implements Disposable {
  readonly #parts: FollowingParts;
  readonly #leader: EndpointRecord;
  readonly #onSilent: () => void;
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(parts: FollowingParts, leader: EndpointRecord, onSilent: () => void) {
    this.#parts = parts;
    this.#leader = leader;
    this.#onSilent = onSilent;
  }

  restart(): void {
    this.#timer?.dispose();
    if (this.#disposed) return;
    this.#timer = this.#parts.clock.after(this.#parts.silenceMs, () =>
      inBackground("window.ping", () => this.#ask()),
    );
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }

  async #ask(): Promise<void> {
    const answers = await this.#parts.ping(this.#leader);
    if (this.#disposed) return;
    if (answers) this.restart();
    else this.#onSilent();
  }
}

const connect = (
  { address, key }: EndpointRecord,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex | Ended> =>
  new Promise((resolve) => {
    const request = httpRequest(`${agentUrl}${paths.windows}`, {
      socketPath: address.path,
      agent: false,
      signal,
      timeout: timeoutMs,
      headers: {
        authorization: `Bearer ${key.reveal()}`,
        connection: "Upgrade",
        upgrade: windowsUpgrade,
      },
    });
    request.once("upgrade", (_response, socket, head) => {
      if (head.byteLength > 0) socket.unshift(head);
      socket.setTimeout(0);
      resolve(socket);
    });
    request.once("response", (response) => {
      response.destroy();
      resolve("refused");
    });
    request.once("timeout", () => {
      resolve("silent");
      request.destroy();
    });
    request.on("error", () => resolve("gone"));
    request.end();
  });
