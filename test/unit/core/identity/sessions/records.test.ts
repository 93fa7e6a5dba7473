import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasCode } from "../../../../../src/core/errors.ts";
import {
  activeOf,
  formatRecord,
  infoOf,
  parseRecord,
  recordId,
  type EndedRecord,
  type LiveRecord,
} from "../../../../../src/core/identity/sessions/records.ts";
import { Secret } from "../../../../../src/core/secret.ts";

const text = fc.string({ minLength: 1, maxLength: 60, unit: "binary" });
const secret = fc.string({ minLength: 1, maxLength: 60 }).map((value) => new Secret(value));
const timeMs = fc.maxSafeNat();

const liveRecord: fc.Arbitrary<LiveRecord> = fc.record(
  {
    version: fc.constant(1 as const),
    kind: fc.constant("live" as const),
    issuer: text,
    clientId: text,
    subject: text,
    accountLabel: text,
    scopes: fc.array(text, { maxLength: 5 }),
    resource: text,
    signedInAtMs: timeMs,
    acr: text,
    authTimeSeconds: timeMs,
    accessToken: secret,
    accessTokenExpiresAtMs: timeMs,
    refreshToken: secret,
    idToken: secret,
    proofKey: secret,
  },
  {
    requiredKeys: [
      "version",
      "kind",
      "issuer",
      "clientId",
      "subject",
      "accountLabel",
      "scopes",
      "signedInAtMs",
      "accessToken",
    ],
  },
);

const endedRecord: fc.Arbitrary<EndedRecord> = fc.record({
  version: fc.constant(1 as const),
  kind: fc.constant("ended" as const),
  issuer: text,
  clientId: text,
  subject: text,
  cause: fc.constantFrom("never" as const, "expired" as const, "revoked" as const),
  endedAtMs: timeMs,
});

const plain: LiveRecord = {
  version: 1,
  kind: "live",
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "Alice",
  scopes: ["openid"],
  signedInAtMs: 1,
  accessToken: new Secret("access-canary"),
  refreshToken: new Secret("refresh-canary"),
};

describe("a session record", () => {
  it("comes back from its text as it was, tokens included", () => {
    fc.assert(
      fc.property(fc.oneof(liveRecord, endedRecord), (record) => {
        const written = formatRecord(record);
        const read = parseRecord(written);
        expect(read).toBeDefined();
        expect(read === undefined ? "" : formatRecord(read)).toBe(written);
      }),
    );
  });

  it("is nothing, and no error, for any other text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (anything) => {
        expect(parseRecord(anything)).toBeUndefined();
      }),
    );
  });

  it("is nothing when any one of its members is of another type, or a strange one is beside them", () => {
    const members = JSON.parse(formatRecord(plain)) as Record<string, unknown>;
    for (const name of Object.keys(members)) {
      expect(parseRecord(JSON.stringify({ ...members, [name]: { of: "another type" } }))).toBeUndefined();
    }
    expect(parseRecord(JSON.stringify({ ...members, version: 2 }))).toBeUndefined();
    expect(parseRecord(JSON.stringify({ ...members, stranger: 1 }))).toBeUndefined();
    expect(parseRecord(JSON.stringify(members))).toBeDefined();
  });

  it("is not written when it could not be read again, and the refusal names no token", () => {
    const broken = { ...plain, signedInAtMs: Number.NaN };
    let refusal: unknown;
    try {
      formatRecord(broken);
    } catch (error) {
      refusal = error;
    }
    expect(hasCode(refusal, "badReply")).toBe(true);
    expect(String(refusal)).toContain("signedInAtMs");
    expect(String(refusal)).not.toContain("canary");
  });

  it("prints no token", () => {
    expect(JSON.stringify(plain)).not.toContain("canary");
    expect(JSON.stringify([infoOf("id", plain), activeOf("id", plain)])).not.toContain("canary");
  });

  it("never hands on its refresh token", () => {
    expect(Object.keys(activeOf("id", plain))).not.toContain("refreshToken");
    expect(Object.keys(infoOf("id", plain))).not.toContain("accessToken");
  });
});

describe("a record's id", () => {
  it("differs whenever issuer, client or subject do, also where their texts run together", async () => {
    const ids = await Promise.all([
      recordId({ issuer: "ab", clientId: "c", subject: "d" }),
      recordId({ issuer: "a", clientId: "bc", subject: "d" }),
      recordId({ issuer: "a", clientId: "b", subject: "cd" }),
      recordId({ issuer: 'a","b', clientId: "c", subject: "d" }),
    ]);
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
  });
});
