import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Hears which addresses a client connects to, and answers none of them. */
export interface Listener extends AsyncDisposable {
  readonly origin: string;
  /** The address that was asked for and ends in this name, since the last time that this was asked. */
  take(name: string): string | undefined;
}

export const startListener = async (): Promise<Listener> => {
  const heard = new Set<string>();
  const server = createServer((request, response) => {
    heard.add(request.url ?? "");
    response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    take: (name) => {
      const path = [...heard].find((each) => each.endsWith(`/${name}`) && !each.startsWith("/.well-known/"));
      if (path === undefined) return undefined;
      heard.delete(path);
      return `${origin}${path}`;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
