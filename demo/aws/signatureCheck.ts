import type { IncomingHttpHeaders } from "node:http";
import { smithyAuthorization } from "./smithy.ts";
import type { StsKey } from "./stsXml.ts";

/** AWS's word for what is wrong, and its sentence. */
export type AwsRefusal = readonly [type: string, message: string];

export interface SignedHttp {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SignaturePlace {
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
  /** The key that STS gave, by the name of it and by its session's token. */
  readonly find: (
    keyId: string,
    sessionToken: string,
  ) => (StsKey & { readonly endsAtMs: number }) | undefined;
}

const credentialLine =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/;
const fiveMinutesMs = 300_000;

export const credentialIn = (
  authorization = "",
): { readonly keyId: string; readonly signedHeaders: string } => {
  const [, keyId = "", , , , signedHeaders = ""] = credentialLine.exec(authorization) ?? [];
  return { keyId, signedHeaders };
};

/** Holds a signature (SigV4) against what AWS's own signer makes of the request. @returns undefined where it is right. */
export const signatureRefusal = async (
  request: SignedHttp,
  { region, service, nowMs, find }: SignaturePlace,
): Promise<AwsRefusal | undefined> => {
  const { headers } = request;
  const line = credentialLine.exec(headers.authorization ?? "");
  if (line === null) return ["MissingAuthenticationTokenException", "Missing Authentication Token"];
  const [, id = "", day = "", itsRegion, itsService, signed = ""] = line;
  const key = find(id, textOf(headers["x-amz-security-token"]));
  if (key === undefined)
    return ["UnrecognizedClientException", "The security token included in the request is invalid."];
  if (nowMs > key.endsAtMs)
    return ["ExpiredTokenException", "The security token included in the request is expired"];
  if (itsRegion !== region || itsService !== service)
    return invalid(
      `Credential should be scoped to a valid region and service, not ${itsRegion}/${itsService}.`,
    );
  const date = textOf(headers["x-amz-date"]);
  const at = new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!date.startsWith(day) || !(Math.abs(nowMs - at.getTime()) < fiveMinutesMs))
    return invalid(`Signature expired: ${date} is not within 5 min. of now`);
  const expected = await expectedFor(request, key, signed.split(";"), { at, region, service });
  return expected === headers.authorization
    ? undefined
    : invalid("The request signature we calculated does not match.");
};

/** As AWS signs what was signed here; undefined where that is too little. */
const expectedFor = async (
  { headers, method, target, body }: SignedHttp,
  { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken }: StsKey,
  names: readonly string[],
  scope: { readonly at: Date; readonly region: string; readonly service: string },
): Promise<string | undefined> => {
  if (["host", "x-amz-date", "x-amz-security-token"].some((name) => !names.includes(name))) return undefined;
  const { host, ...others } = Object.fromEntries(names.map((name) => [name, textOf(headers[name])]));
  return smithyAuthorization({
    ...{ method, url: new URL(target, `http://${host}`), headers: others, body, ...scope },
    key: { accessKeyId, secretAccessKey, sessionToken },
  });
};

const textOf = (value: string | string[] | undefined): string => String(value ?? "");

const invalid = (message: string): AwsRefusal => ["InvalidSignatureException", message];
