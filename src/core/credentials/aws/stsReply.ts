import { momentAt } from "../reply/times.ts";

/** What STS says, whichever way it is written. */
type StsBody = Readonly<Record<string, unknown>>;

/** For these, what STS says beside its code is no more than the code again. */
const wordless = /^(?:AccessDenied|IDPCommunicationError|Throttl|RequestLimitExceeded)/;

/**
 * Reads a reply of STS, XML or JSON: a key (`AccessKeyId`, `SecretAccessKey`, `SessionToken`, `Expiration`) or an error
 * (`Code`, `Message`). Undefined for what is neither.
 * @param aheadMs how far AWS's clock is ahead of this one: the key's end is told in this one's time.
 */
export const stsReader =
  (aheadMs: () => number) =>
  (text: string): StsBody | undefined => {
    const body = inXml(text) ?? inJson(text);
    if (body === undefined) return undefined;
    const { Code: code, Message: message, Expiration: end, ...others } = body;
    const endMs = momentAt(end);
    return {
      ...others,
      ...(typeof code === "string" ? { Code: code.replace(/Exception$/, "") } : {}),
      ...(typeof code === "string" && wordless.test(code) ? {} : { Message: message }),
      ...(end === undefined ? {} : { Expiration: typeof endMs === "number" ? endMs - aheadMs() : end }),
    };
  };

const root = /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:AssumeRoleWithWebIdentityResponse|ErrorResponse)[\s>]/;
const leaves = /<(AccessKeyId|SecretAccessKey|SessionToken|Expiration|Code|Message)>([^<]*)<\/\1>/g;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The reply has a known shape, and its leaves unlike names: no more of XML is needed. */
const inXml = (text: string): StsBody | undefined => {
  if (!root.test(text)) return undefined;
  const pairs = [...text.matchAll(leaves)].map(([, name = "", value = ""]) => [name, plain(value)] as const);
  return Object.fromEntries(pairs);
};

const plain = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? all;
      const point = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );

/** What a gateway before STS writes stays as it is. */
const inJson = (text: string): StsBody | undefined => {
  const body = memberOf(parsed(text));
  const { AssumeRoleWithWebIdentityResponse: response, Error: error } = body ?? {};
  const result = memberOf(memberOf(response)?.["AssumeRoleWithWebIdentityResult"]);
  return memberOf(result?.["Credentials"]) ?? memberOf(error) ?? body;
};

const memberOf = (value: unknown): StsBody | undefined =>
  typeof value === "object" && value !== null ? { ...value } : undefined;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
