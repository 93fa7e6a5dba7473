import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { vi } from "vitest";
import * as z from "zod";
import { freePort } from "../../support/servers.ts";
import type { Keycloak } from "./keycloak.ts";

/** What Keycloak sends to the device that it asks a person on. */
const question = z.looseObject({
  login_hint: z.string(),
  binding_message: z.string(),
});

export interface AskedOnDevice extends z.infer<typeof question> {
  /** What the device answers with. */
  readonly bearer: string;
}

/** The other end of Keycloak's `ciba-http-auth-channel`: a device that a person is asked on. */
export class CibaDevice implements AsyncDisposable {
  readonly url: string;
  readonly asked: AskedOnDevice[] = [];
  /** Keycloak takes nothing but 201 for "it was shown". */
  status = 201;
  readonly #server: Server;

  private constructor(url: string) {
    this.url = url;
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        const bearer = (request.headers.authorization ?? "").replace("Bearer ", "");
        if (this.status === 201) this.asked.push({ ...question.parse(JSON.parse(text)), bearer });
        response.writeHead(this.status).end();
      });
    });
  }

  static async start(): Promise<CibaDevice> {
    const port = await freePort();
    const device = new CibaDevice(`http://127.0.0.1:${port}/ask`);
    device.#server.listen(port, "127.0.0.1");
    await once(device.#server, "listening");
    return device;
  }

  /** Answers what was asked last. @returns the status that Keycloak takes it with */
  async answer(issuer: string, status: "SUCCEED" | "UNAUTHORIZED" | "CANCELLED"): Promise<number> {
    const response = await fetch(`${issuer}/protocol/openid-connect/ext/ciba/auth/callback`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.asked.at(-1)?.bearer ?? ""}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ status }),
    });
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

const attributed = z.looseObject({ attributes: z.record(z.string(), z.string()) });

/** What an administrator sets of CIBA: for the realm how long, and for the facade's client whether. */
export const setCiba = async (
  { admin }: Keycloak,
  over: { readonly expiresInSeconds: number; readonly intervalSeconds: number } | { readonly isOn: boolean },
): Promise<void> => {
  const path = "isOn" in over ? `/realms/acme/clients/${await clientIdOf(admin)}` : "/realms/acme";
  const attributes =
    "isOn" in over
      ? { "oidc.ciba.grant.enabled": String(over.isOn) }
      : { cibaExpiresIn: String(over.expiresInSeconds), cibaInterval: String(over.intervalSeconds) };
  const now = attributed.parse(await admin.call("GET", path));
  await admin.call("PUT", path, { ...now, attributes: { ...now.attributes, ...attributes } });
};

const clientIdOf = (admin: Keycloak["admin"]): Promise<string> =>
  admin.idOf("/realms/acme/clients?clientId=lanyard-facade");

export interface CibaReplies extends Disposable {
  /** Status and error, one by one. */
  readonly replies: readonly string[];
}

const cibaGrant = encodeURIComponent("urn:openid:params:grant-type:ciba");
const error = z.looseObject({ error: z.string(), error_description: z.string().optional() });

/**
 * Listens to what Keycloak answers the facade about approvals.
 *
 * @param options.isPollDoubled each poll is sent twice at once, and the facade gets the second answer
 */
export const cibaReplies = ({ isPollDoubled = false } = {}): CibaReplies => {
  const real = globalThis.fetch;
  const replies: string[] = [];
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const isPoll = typeof init?.body === "string" && init.body.includes(cibaGrant);
    if (isPoll && isPollDoubled) await real(url, init);
    const response = await real(url, init);
    if (isPoll || response.url.endsWith("/ext/ciba/auth")) replies.push(await named(response.clone()));
    return response;
  });
  return { replies, [Symbol.dispose]: () => spy.mockRestore() };
};

const named = async (response: Response): Promise<string> => {
  if (response.ok) return String(response.status);
  const { error: code, error_description } = error.parse(await response.json());
  return `${response.status} ${[code, error_description?.slice(0, 50)].filter(Boolean).join(": ")}`;
};
