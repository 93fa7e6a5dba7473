/**
 * AWS on this machine: STS, and the door of a server that IAM protects. The door checks signatures by AWS's own signer,
 * not by ours, and passes on what is right.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { credentialIn, signatureRefusal, type AwsRefusal } from "../../../demo/aws/signatureCheck.ts";
import { passOn } from "../passOn.ts";
import { errorJson, errorXml, issuedJson, issuedXml, type StsKey } from "../../../demo/aws/stsXml.ts";

interface IssuedKey extends StsKey {
  endsAtMs: number;
}

/** One request at the door, and what came of it: `ok`, or the error that AWS has for it. */
export interface AtDoor {
  readonly method: string;
  /** The method of MCP, where there is one. */
  readonly rpc: string | undefined;
  readonly verdict: string;
  readonly signedHeaders: string;
  readonly keyId: string;
}

export interface StsFault {
  readonly code: string;
  readonly message?: string;
  readonly status?: number;
}

export class LoopbackAws {
  readonly service = "bedrock-agentcore";
  readonly region = "us-east-1";
  /** What STS was asked, but for the token. */
  readonly asked: Readonly<Record<string, string>>[] = [];
  readonly atDoor: AtDoor[] = [];
  /** Answered by STS as long as it is set. */
  fault: StsFault | undefined;
  /** What IAM does not allow the role. */
  isAllowed = true;
  answersIn: "xml" | "json" = "xml";
  /** How far the clocks there are ahead. */
  readonly aheadMs = { sts: 0, door: 0 };
  ttlMs = 3_600_000;
  readonly #keys = new Map<string, IssuedKey>();
  readonly #sts = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  readonly #door = createServer((request, response) => {
    this.#admit(request, response).catch(() => response.destroy());
  });
  readonly #upstream: string;

  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  async listen(): Promise<{ readonly sts: string; readonly door: string }> {
    return { sts: `${await originOf(this.#sts)}/`, door: await originOf(this.#door) };
  }

  async close(): Promise<void> {
    for (const server of [this.#sts, this.#door]) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  }

  /** Ends every key that was issued. */
  expire(): void {
    for (const key of this.#keys.values()) key.endsAtMs = 0;
  }

  get secrets(): readonly string[] {
    return [...this.#keys.values()].map(({ SecretAccessKey }) => SecretAccessKey);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { WebIdentityToken: token = "", ...form } = Object.fromEntries(
      new URLSearchParams((await buffer(request)).toString("utf8")),
    );
    this.asked.push(form);
    response.setHeader("date", new Date(Date.now() + this.aheadMs.sts).toUTCString());
    const { fault } = this;
    if (fault !== undefined || token === "") {
      const { code, message = code, status = 400 } = fault ?? { code: "ValidationError" };
      this.#write(response, status, errorXml(code, message), errorJson(code, message));
      return;
    }
    const key = {
      AccessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      SecretAccessKey: randomBytes(30).toString("base64"),
      SessionToken: randomBytes(90).toString("base64"),
    };
    const endsAtMs = Date.now() + this.aheadMs.sts + this.ttlMs;
    this.#keys.set(key.AccessKeyId, { ...key, endsAtMs });
    const { RoleArn: role = "", RoleSessionName: sessionName = "" } = form;
    const issued = { key, endsAtMs, role, sessionName, subject: "alice" };
    this.#write(response, 200, issuedXml(issued), issuedJson(issued));
  }

  #write(response: ServerResponse, status: number, xml: string, json: object): void {
    const isXml = this.answersIn === "xml";
    response.writeHead(status, { "content-type": isXml ? "text/xml" : "application/json" });
    response.end(isXml ? xml : JSON.stringify(json));
  }

  async #admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const refusal = await this.#refusalOf(request, body);
    const { keyId, signedHeaders } = credentialIn(request.headers.authorization);
    const rpc = /"method":"([^"]+)"/.exec(body.toString("utf8"))?.[1];
    const verdict = refusal?.[0] ?? "ok";
    this.atDoor.push({ method: request.method ?? "", rpc, verdict, keyId, signedHeaders });
    if (refusal === undefined) {
      // Behind the door nobody needs a credential.
      const { authorization: _signature, "x-amz-security-token": _token, ...others } = request.headers;
      passOn(this.#upstream, request, others, body, response);
      return;
    }
    const [type, message] = refusal;
    const date = new Date(Date.now() + this.aheadMs.door).toUTCString();
    response.writeHead(403, { "content-type": "application/json", "x-amzn-errortype": type, date });
    response.end(JSON.stringify({ message }));
  }

  async #refusalOf(request: IncomingMessage, body: Buffer): Promise<AwsRefusal | undefined> {
    const { method = "", url: target = "", headers } = request;
    const refusal = await signatureRefusal(
      { method, target, headers, body },
      {
        ...{ region: this.region, service: this.service, nowMs: Date.now() + this.aheadMs.door },
        find: (id, token) => {
          const key = this.#keys.get(id);
          return key?.SessionToken === token ? key : undefined;
        },
      },
    );
    if (refusal !== undefined || this.isAllowed) return refusal;
    return ["AccessDeniedException", "User is not authorized to InvokeGateway"];
  }
}

const originOf = async (server: Server): Promise<string> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
