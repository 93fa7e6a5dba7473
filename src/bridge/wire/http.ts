import {
  Agent as HttpAgent,
  request as httpRequest,
  type AgentOptions,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Socket } from "node:net";
import * as tls from "node:tls";

export interface HttpRequest {
  readonly method: "POST" | "GET" | "DELETE";
  readonly url: string;
  /** Where the environment names no proxy: the one to take, for https. */
  readonly proxy?: string | undefined;
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

/** Those of the environment, else the one that the window names. As in the editor, loopback never has one. */
const proxies = (named: string): NodeJS.ProcessEnv => {
  const { env } = process;
  const none = env["no_proxy"] ?? env["NO_PROXY"] ?? "";
  return {
    https_proxy: env["https_proxy"] ?? env["HTTPS_PROXY"] ?? named,
    no_proxy: `localhost,127.0.0.1-127.255.255.255,::1,${none}`,
  };
};

/** Connections are kept for the next request, and end when they are idle. A stream that is open may be silent for ever. */
export const createHttp = (): SendHttp => {
  const options: AgentOptions = { keepAlive: true, scheduling: "lifo" };
  // Plain http stays on this machine: a proxy, which is another, would read what it carries.
  const http = endingIdle(new HttpAgent(options));
  let https: { readonly proxy: string; readonly agent: HttpsAgent } | undefined;
  const secure = (proxy = ""): HttpsAgent => {
    if (https?.proxy === proxy) return https.agent;
    const ca = trusted();
    const proxyEnv = proxies(proxy);
    const agent = new HttpsAgent({ ...options, proxyEnv, ...(ca === undefined ? {} : { ca: [...ca] }) });
    https = { proxy, agent: endingIdle(agent) };
    return agent;
  };
  return ({ method, url, proxy, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isPlain = url.startsWith("http:");
      const sent = { method, headers: { ...headers }, signal, agent: isPlain ? http : secure(proxy) };
      const request = isPlain ? httpRequest(url, sent) : httpsRequest(url, sent);
      request.setNoDelay(true);
      // Nobody asked for another protocol: that answer has no end, and without a listener nobody is told of it.
      const other = (): void => {
        request.destroy();
        reject(new Error());
      };
      request.once("upgrade", other);
      request.once("response", (response) => (response.statusCode === 101 ? other() : resolve(response)));
      request.on("error", reject);
      whileConnecting(request, isPlain ? "connect" : "secureConnect", signal, reject);
      request.end(body);
    });
};

/**
 * Until there is a connection, with its encryption, and through the proxy where there is one. Node tells a request that
 * waits for a proxy's tunnel nothing of its end, whoever ended it.
 */
const whileConnecting = (
  request: ClientRequest,
  connected: "connect" | "secureConnect",
  signal: AbortSignal,
  reject: (error: unknown) => void,
): void => {
  const giveUp = (error: unknown): void => {
    request.destroy();
    reject(error);
  };
  const tooLong = Object.assign(new Error("It took too long to connect."), { code: "ETIMEDOUT" });
  const timer = setTimeout(() => giveUp(tooLong), connectMs);
  const onAbort = (): void => giveUp(signal.reason);
  signal.addEventListener("abort", onAbort);
  const done = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
  request.once("close", done).once("error", done);
  request.once("socket", (socket) => {
    if (socket.connecting) socket.once(connected, done);
    else done();
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
