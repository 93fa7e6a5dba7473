import { AwsV4Signer } from "aws4fetch";
import fc from "fast-check";
import { expect, it } from "vitest";
import { signV4 } from "../../../../../src/core/credentials/aws/sigv4.ts";
import { sha256Hex } from "../../../../../src/core/hash.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { vectors } from "../../../../support/aws/sigv4Vectors.json";
import { smithyAuthorization } from "../../../../../demo/aws/smithy.ts";

const accessKeyId = "AKIDEXAMPLE";
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/** A request of AWS's suite: a line, headers of which one may be folded or repeated, a body. */
const readRequest = (
  text: string,
): { method: string; target: string; headers: Record<string, string>; body: string } => {
  const [head = "", body = ""] = text.trimEnd().split("\n\n");
  const [line = "", ...fields] = head.replaceAll(/\n\s+/g, " ").split("\n");
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(line) ?? [];
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const [name = "", ...value] = field.split(":");
    const lower = name.toLowerCase();
    const text = value.join(":").trim();
    headers[lower] = headers[lower] === undefined ? text : `${headers[lower]},${text}`;
  }
  return { method, target, headers, body };
};

/** A vector of a session gives its token where the signer adds it. */
const tokenOf = ({ request, canonical }: (typeof vectors)[number]): string | undefined =>
  [request, canonical].map((text) => /^x-amz-security-token:(.+)$/im.exec(text)?.[1]).find(Boolean);

it.each(vectors.map((vector) => [vector.name, vector] as const))(
  "signs AWS's own vector: %s",
  async (_name, vector) => {
    const { method, target, headers, body } = readRequest(vector.request);
    const { host, "x-amz-date": date, "x-amz-security-token": _token, ...others } = headers;
    const token = tokenOf(vector);
    const url = new URL(`https://${host}${target}`);
    // A path that no URL holds: the suite has it sent as it is.
    const [path = ""] = target.split("?");
    const sent = /[^!-~]/.test(path)
      ? { host: url.host, pathname: path, searchParams: url.searchParams }
      : url;
    const signed = await signV4(
      {
        ...{
          accessKeyId,
          secretAccessKey: new Secret(secretAccessKey),
          service: "service",
          region: "us-east-1",
        },
        ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
      },
      {
        ...{ method, url: sent, bodyHash: await sha256Hex(body), headers: others },
        atMs: Date.UTC(2015, 7, 30, 12, 36),
      },
    );
    expect(signed["x-amz-date"]).toBe(date);
    expect(signed["authorization"]).toBe(vector.authorization);
  },
);

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const arn = fc.constant("arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/r-1");
const plainSegment = fc.stringMatching(/^[A-Za-z0-9._~!$&'()*+,;=:@-]{0,10}$/);
/**
 * A parameter has a name (AWS's own signer signs one without, aws4fetch does not), and none that AWS's signer, which is
 * given an object, loses.
 */
const pair = fc.tuple(
  text.filter((name) => name !== "" && name !== "__proto__"),
  text,
);
const query = fc
  .array(pair, { maxLength: 5 })
  .map((pairs) => pairs.map((each) => each.map(encodeURIComponent).join("=")).join("&"));
const requests = fc.record({
  method: fc.constantFrom("POST", "GET", "DELETE"),
  host: fc.constantFrom("bedrock-agentcore.us-east-1.amazonaws.com", "127.0.0.1:8443", "a.example.com"),
  path: fc.array(fc.oneof(text.map(encodeURIComponent), arn.map(encodeURIComponent), plainSegment), {
    maxLength: 5,
  }),
  query,
  body: fc.string({ unit: "binary", maxLength: 200 }),
  token: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,60}$/), { nil: undefined }),
  secret: fc.stringMatching(/^[A-Za-z0-9+/]{1,40}$/),
  service: fc.constantFrom("bedrock-agentcore", "execute-api", "aws-mcp"),
  region: fc.constantFrom("us-east-1", "eu-central-1", "us-gov-west-1"),
  at: fc.date({
    min: new Date("2000-01-01T00:00:00Z"),
    max: new Date("2099-12-31T23:59:59Z"),
    noInvalidDate: true,
  }),
});

it("agrees with AWS's signer and with aws4fetch on whatever is asked", async () => {
  await fc.assert(
    fc.asyncProperty(requests, async ({ host, path, query: search, secret, token, body, ...asked }) => {
      const url = new URL(`https://${host}/${path.join("/")}${search === "" ? "" : `?${search}`}`);
      const key = {
        accessKeyId,
        secretAccessKey: secret,
        ...(token === undefined ? {} : { sessionToken: token }),
      };
      const { method, service, region, at } = asked;
      const bytes = new TextEncoder().encode(body);
      const signed = await signV4(
        {
          ...{ accessKeyId, service, region, secretAccessKey: new Secret(secret) },
          ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
        },
        { method, url, bodyHash: await sha256Hex(body), atMs: at.getTime() },
      );
      const date = signed["x-amz-date"] ?? "";
      const theirs = await smithyAuthorization({
        ...{ method, url, body: bytes, key, service, region, at },
        headers: { "x-amz-date": date, ...(token === undefined ? {} : { "x-amz-security-token": token }) },
      });
      expect(signed["authorization"]).toBe(theirs);
      const other = new AwsV4Signer({
        ...{ method, url: url.href, ...key, service, region, datetime: date },
        ...(method === "GET" ? {} : { body: bytes }),
      });
      if (method !== "GET" || body === "") {
        const { headers } = await other.sign();
        expect(signed["authorization"]).toBe(headers.get("authorization"));
      }
    }),
    { numRuns: 300 },
  );
});
