import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { ConnectBegun } from "../../../facade/src/adapters/adapter.ts";
import { adapters } from "../../../facade/src/adapters/registry.ts";
import type { FacadeAnswer } from "../../../facade/src/core/answer.ts";
import { wireOver } from "../../../facade/src/core/wire.ts";
import { installVendorSdks } from "../../../scripts/idps/vendorSdks.ts";
import { Secret } from "../../../src/core/secret.ts";
import { systemClock } from "../../../src/node/clock.ts";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** One stand-in for every vendor, on loopback: what it is asked is kept, what it answers a test says. */
export class StandIn {
  readonly seen: Seen[] = [];
  answer: (path: string) => { readonly status: number; readonly body: unknown } = () => ({
    status: 404,
    body: {},
  });
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      const { authorization } = request.headers;
      this.seen.push({
        method: request.method ?? "",
        path,
        authorization,
        body: Buffer.concat(chunks).toString(),
      });
      const { status, body } = this.answer(path);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("There is no port.");
    return address.port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }
  close(): void {
    this.#server.close();
  }

  /** What it is asked meanwhile. */
  async sentBy(work: () => Promise<unknown>): Promise<readonly Seen[]> {
    this.seen.length = 0;
    await work();
    return [...this.seen];
  }
}

/** For one test file: the stand-in, and the vendors' packages. */
export const useStandIn = (): { readonly standIn: StandIn; readonly sdk: (name: string) => unknown } => {
  const standIn = new StandIn();
  let require: NodeJS.Require;
  beforeAll(async () => {
    require = createRequire(join(await installVendorSdks(), "package.json"));
    await standIn.listen();
  });
  afterAll(() => standIn.close());
  return { standIn, sdk: (name) => require(name) as unknown };
};

export const returnTo = "https://vault.example.com/connect/done";
/** What every question to a vault brings along here. */
const held = {
  idp: { issuer: "https://id.example.com", clientId: "us", clientSecret: { variable: "X" } },
  secret: () => Promise.resolve(new Secret("vault-secret")),
  wire: wireOver((url, init) => fetch(url, init), systemClock),
  returnTo,
};
export const connecting = { ...held, subject: "alice" };

/** What the adapter makes of it. */
export const adapted = (name: keyof typeof adapters, vault: object, target: object): Promise<FacadeAnswer> =>
  adapters[name].asker(
    { adapter: name, ...vault },
    target,
  )({
    ...held,
    person: {
      ...{
        subject: "alice",
        sessionId: undefined,
        token: new Secret("user-token"),
        claims: { sub: "alice" },
      },
      ...{ tokenKind: "access_token", issuedAtSeconds: 0, expiresAtSeconds: 1e10, keyThumbprint: undefined },
    },
    tokenEndpoint: () => Promise.resolve(undefined),
    page: () => Promise.resolve("https://vault.example.com/connect"),
  });

/** As the page does it, once the person has signed in there. */
export const begin = async (
  name: keyof typeof adapters,
  vault: object,
  target: object,
  memo: Readonly<Record<string, string>> = {},
): Promise<ConnectBegun | undefined> =>
  adapters[name].connector?.({ adapter: name, ...vault }, target).begin({
    ...{ ...connecting, memo },
    ...{ idToken: new Secret("page-id-token"), accessToken: new Secret("page-token") },
  });

export const json = ({ body }: Seen): unknown => JSON.parse(body);
