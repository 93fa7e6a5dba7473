import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** One request as a vault sees it. */
export interface VaultRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly form: URLSearchParams;
  readonly json: unknown;
}

export interface VaultReply {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Vault = (request: VaultRequest) => VaultReply | Promise<VaultReply>;

/** A vault that listens. It ends with the test. */
export interface RunningVault {
  readonly origin: string;
  readonly requests: readonly VaultRequest[];
  /** Resolves at the next request. */
  arrival(): Promise<VaultRequest>;
  /** Replaces what it answers. */
  answer(vault: Vault): void;
}

/** Serves a vault over real HTTP on this machine, on a port of its own. */
export const serve = async (vault: Vault): Promise<RunningVault> => {
  let current = vault;
  const requests: VaultRequest[] = [];
  const waiting = new Set<(request: VaultRequest) => void>();
  const server = createServer((incoming, response) => {
    void respond(incoming, response).catch(() => response.destroy());
  });
  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming);
    requests.push(request);
    for (const arrived of waiting) arrived(request);
    waiting.clear();
    write(response, await current(request));
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The vault does not listen.");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    arrival: () => new Promise((resolve) => waiting.add(resolve)),
    answer: (next) => (current = next),
  };
};

const read = async (incoming: IncomingMessage): Promise<VaultRequest> => {
  const url = new URL(incoming.url ?? "/", "http://vault");
  const body = await text(incoming);
  const isJson = incoming.headers["content-type"] === "application/json";
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body,
    form: new URLSearchParams(isJson ? "" : body),
    json: isJson ? (JSON.parse(body) as unknown) : undefined,
  };
};

const write = (response: ServerResponse, reply: VaultReply): void => {
  response.writeHead(reply.status, {
    ...(reply.json === undefined ? {} : { "content-type": "application/json" }),
    ...reply.headers,
  });
  response.end(reply.json === undefined ? reply.text : JSON.stringify(reply.json));
};

/** A vault's reply in JSON. */
export const json = (
  status: number,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
): VaultReply => ({
  status,
  json: body,
  ...(headers === undefined ? {} : { headers }),
});

/** What a vault says to a request that its documentation does not have. */
export const notFound = (request: VaultRequest): VaultReply => ({
  status: 418,
  text: `The test vault does not know ${request.method} ${request.path}.`,
});
