/** AWS's own signer, which knows nothing of ours. */
import { createHash, createHmac, type Hash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

type Source = string | ArrayBuffer | ArrayBufferView;

const bytesOf = (data: Source): Buffer => {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
};

class Sha256 {
  readonly #secret: Source | undefined;
  #hash: Hash | ReturnType<typeof createHmac>;

  constructor(secret?: Source) {
    this.#secret = secret;
    this.#hash = this.#new();
  }

  update(data: Source): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#new();
  }

  #new(): Hash | ReturnType<typeof createHmac> {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(this.#secret));
  }
}

export interface ToSign {
  readonly method: string;
  readonly url: URL;
  /** All that is signed, but the token of a session. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly key: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly service: string;
  readonly region: string;
  readonly at: Date;
}

/** The `authorization` that AWS expects of this request. */
export const smithyAuthorization = async (request: ToSign): Promise<string> => {
  const { method, url, headers, body, key, service, region, at } = request;
  const signer = new SignatureV4({
    ...{
      service,
      region,
      credentials: key,
      sha256: Sha256,
      applyChecksum: "x-amz-content-sha256" in headers,
    },
  });
  const names = [...url.searchParams.keys()];
  const signed = await signer.sign(
    {
      ...{ method, protocol: url.protocol, hostname: url.host, path: url.pathname, body },
      query: Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)])),
      headers: { ...headers, host: url.host },
    },
    {
      signingDate: at,
      signableHeaders: new Set([...Object.keys(headers), "host"]),
      unsignableHeaders: new Set(),
    },
  );
  return signed.headers["authorization"] ?? "";
};
