import { sha256Hex } from "../../hash.ts";
import type { Secret } from "../../secret.ts";

/** A key of AWS, for one service in one region. */
export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  readonly service: string;
  readonly region: string;
}

export interface SignedParts {
  readonly method: string;
  /** As it is sent. */
  readonly url: Pick<URL, "host" | "pathname" | "searchParams">;
  /** SHA-256 of the body, in lower-case hex. */
  readonly bodyHash: string;
  /** What is signed besides `host` and what the signature itself needs; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/**
 * The headers that sign a request (Signature Version 4, "Create a signed AWS API request" in the IAM User Guide): path
 * and query as they stand in the URL, the path encoded once more, as all services but S3 want it.
 */
export const signV4 = async (
  key: SigningKey,
  { method, url, bodyHash, headers = {}, atMs }: SignedParts,
): Promise<Readonly<Record<string, string>>> => {
  const date = new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const own = {
    "x-amz-date": date,
    ...(key.sessionToken === undefined ? {} : { "x-amz-security-token": key.sessionToken.reveal() }),
  };
  const fields = Object.entries({ host: url.host, ...headers, ...own }).sort(byText);
  const names = fields.map(([name]) => name).join(";");
  const request = [
    ...[method, pathOf(url), queryOf(url)],
    ...fields.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, " ")}`),
    ...["", names, bodyHash],
  ].join("\n");
  const scope = [date.slice(0, 8), key.region, key.service, "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), await sha256Hex(request)].join("\n");
  let mac = utf8(`AWS4${key.secretAccessKey.reveal()}`);
  for (const each of [...scope, text]) mac = await hmac(mac, each);
  const credential = `${key.accessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${hex(mac)}`;
  return { authorization, ...own };
};

type Pair = readonly [string, string];

const byText = (one: Pair, other: Pair): number => order(one[0], other[0]) || order(one[1], other[1]);
const order = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** RFC 3986, section 2.3: all but the unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${hex([sign.charCodeAt(0)]).toUpperCase()}`);

const pathOf = ({ pathname }: SignedParts["url"]): string =>
  encode(pathname.replace(/\/{2,}/g, "/")).replaceAll("%2F", "/");

const queryOf = ({ searchParams }: SignedParts["url"]): string =>
  [...searchParams]
    .map(([name, value]): Pair => [encode(name), encode(value)])
    .sort(byText)
    .map((pair) => pair.join("="))
    .join("&");

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const hex = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const hmac = async (secret: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> => {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
};
