/**
 * Loaded before the editor's server (`node --import`). The workbench in the browser encrypts SecretStorage with a key
 * that it asks for at `POST /mint-key`. The bare server does not answer that, and secrets would be forgotten at each
 * reload of the window. The key lives as long as the server.
 */
import { randomBytes } from "node:crypto";
import { type IncomingMessage, Server, ServerResponse } from "node:http";

const keyBytes = 32;
const tokenFlag = "--connection-token";

const answerWith = (key: Buffer, token: string): void => {
  // The method is taken to be called on the server that it is called on.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { emit } = Server.prototype;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    const [request, response] = args as [IncomingMessage?, ServerResponse?];
    if (event !== "request" || !(response instanceof ServerResponse) || !asksForKey(request)) {
      return Reflect.apply(emit, this, [event, ...args]) === true;
    }
    const allowed = request?.headers.cookie?.split("; ").includes(`vscode-tkn=${token}`) === true;
    response.writeHead(allowed ? 200 : 403, { "cache-control": "no-store" }).end(allowed ? key : undefined);
    return true;
  };
};

const asksForKey = (request: IncomingMessage | undefined): boolean =>
  request?.method === "POST" && request.url === "/mint-key";

/** The extension hosts that the server starts are given this file too, and have no token. */
const token = process.argv[process.argv.indexOf(tokenFlag) + 1];
if (process.argv.includes(tokenFlag) && token !== undefined) answerWith(randomBytes(keyBytes), token);
