import {
  Agent as HttpAgent,
  request as httpRequest,
  type AgentOptions,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";

export interface HttpRequest {
  readonly method: "POST" | "GET" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
}

/** Sends a request and resolves with the head of its answer. Follows no redirect. Rejects when none comes. */
export type SendHttp = (request: HttpRequest) => Promise<IncomingMessage>;

const connectMs = 10_000;
/** Servers close what is idle after five seconds at the earliest (Node's own default): it is given up before. */
const idleMs = 4_000;

/** The certificates that the system trusts too, as in the editor; Node alone takes its own list. */
const trusted = (): readonly string[] | undefined => {
  try {
    return [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
  } catch {
    return undefined;
  }
};

/** Those of the environment. As in the editor, loopback never has one. */
const proxies = (): NodeJS.ProcessEnv => {
  const { env } = process;
  const none = env["no_proxy"] ?? env["NO_PROXY"] ?? "";
  return {
    https_proxy: env["https_proxy"] ?? env["HTTPS_PROXY"],
    no_proxy: `localhost,127.0.0.1-127.255.255.255,::1,${none}`,
  };
};

/** Connections are kept for the next request, and end when they are idle. A stream that is open may be silent for ever. */
export const createHttp = (): SendHttp => {
  const options: AgentOptions = { keepAlive: true, scheduling: "lifo" };
  // Plain http stays on this machine: a proxy, which is another, would read what it carries.
  const http = endingIdle(new HttpAgent(options));
  let https: HttpsAgent | undefined;
  const secure = (): HttpsAgent => {
    const ca = https === undefined ? trusted() : undefined;
    return (https ??= endingIdle(
      new HttpsAgent({ ...options, proxyEnv: proxies(), ...(ca === undefined ? {} : { ca: [...ca] }) }),
    ));
  };
  return ({ method, url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isPlain = url.startsWith("http:");
      const sent = { method, headers: { ...headers }, signal, agent: isPlain ? http : secure() };
      const request = isPlain ? httpRequest(url, sent) : httpsRequest(url, sent);
      request.setNoDelay(true);
      request.once("response", (response) => {
        // What is no last answer has no end either.
        if ((response.statusCode ?? 0) < 200) request.destroy(new Error("It answered with no status."));
        else resolve(response);
      });
      // Nobody asked for another protocol; without a listener nothing would ever be told.
      request.once("upgrade", (_answer, socket: Duplex) => {
        socket.destroy();
        reject(new Error("It speaks another protocol."));
      });
      request.on("error", reject);
      limitConnecting(request);
      request.end(body);
    });
};

const limitConnecting = (request: ClientRequest): void => {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(new Error("It took too long to connect.")), connectMs);
    socket.once("connect", () => clearTimeout(timer));
    request.once("close", () => clearTimeout(timer));
  });
};

const endingIdle = <A extends HttpAgent>(agent: A): A => {
  // After the agent's own listener, which has taken it among those that are free, or has given it to who waits.
  agent.on("free", (socket: Socket) => {
    const free = Object.values(agent.freeSockets).some((sockets) => sockets?.includes(socket) === true);
    if (free) socket.setTimeout(idleMs);
  });
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    if (socket instanceof Socket) socket.setTimeout(0);
    reuse(socket, request);
  };
  return agent;
};
