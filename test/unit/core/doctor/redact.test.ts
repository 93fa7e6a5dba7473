import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeProxy } from "../../../../src/core/doctor/proxy.ts";
import { judgeClaudeCode } from "../../../../src/core/doctor/claudeCode.ts";
import { judgeLauncher } from "../../../../src/core/doctor/helper.ts";
import { judgeIssuer } from "../../../../src/core/doctor/network.ts";
import { redacted } from "../../../../src/core/doctor/redact.ts";
import { reportText } from "../../../../src/core/doctor/report.ts";
import { english } from "../../../../src/core/text.ts";

const alice = { homes: ["/home/alice", "/data/people/alice"], names: ["alice", "alice@acme.example"] };
const copied = (text: string): string => redacted(text, alice);

describe("a report that leaves the machine", () => {
  it.each([
    ["/home/alice/.lanyard/bin/lanyard is there", "~/.lanyard/bin/lanyard is there"],
    ["/data/people/alice/.lanyard", "~/.lanyard"],
    ["/home/bob/bin/curl, version 8", "~/bin/curl, version 8"],
    ["C:\\Users\\Alice\\.lanyard", "~\\.lanyard"],
    ["/Users/alice/bin", "~/bin"],
    ["signed in as Alice", "signed in as [user]"],
    ["malice is a word", "malice is a word"],
    ["by alice.smith+x@acme.example today", "by [e-mail] today"],
    ["Bearer abcdefgh12345678", "Bearer [redacted]"],
    ["token=abcdefgh12345678", "token [redacted]"],
    ["it is eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "it is [redacted]"],
    ["key 9f86d081884c7d659a2feaa0c55ad015", "key [redacted]"],
  ])("%j becomes %j", (text, expected) => {
    expect(copied(text)).toBe(expected);
  });

  it.each([
    ["idp.example.com answers with valid metadata, in 12 ms.", "the host"],
    ["The proxy proxy.example.com:8080 is not used", "a proxy's host"],
    ["(DEPTH_ZERO_SELF_SIGNED_CERT)", "a code"],
    ["http.fetchAdditionalSupport is off", "a setting"],
    ["version 0.1.0, process 4711", "a version"],
  ])("keeps %j: %s", (text) => {
    expect(copied(text)).toBe(text);
  });

  it("keeps of an address scheme and host alone", () => {
    expect(copied("https://alice:pw@idp.example.com/t/9/?code=abc is it")).toBe(
      "https://idp.example.com/… is it",
    );
    expect(copied("vscode://lanyard.lanyard/callback")).toBe("vscode://lanyard.lanyard/…");
    expect(copied("http://127.0.0.1:4711")).toBe("http://127.0.0.1:4711");
  });

  it("holds none of the canaries, wherever they were planted", () => {
    const canary = "CANARY0123456789canary0123456789";
    const jwt = `eyJ${canary}.eyJ${canary}.${canary}`;
    const secrets = [canary, jwt, "hunter2hunter2", "alice@acme.example", "/home/alice", "alice"];
    const findings = [
      ...judgeProxy(
        {
          ...{ support: "override", fetchSupport: true, systemCertificates: true, environment: "" },
          setting: `http://alice:hunter2hunter2@proxy.example.com`,
          exceptions: [`.${canary}.example.com`, jwt, "alice@acme.example"],
        },
        english,
      ),
      judgeClaudeCode({ kind: "found", version: `1.2.3 Bearer ${canary}` }, english),
      judgeLauncher({ kind: "missing", file: `/home/alice/${canary}/bin/lanyard` }, "0.1.0", english),
      ...judgeIssuer(
        {
          issuer: `https://idp.example.com/${canary}?token=${jwt}`,
          tookMs: 1,
          answer: { kind: "wrongIssuer", found: `https://alice@idp.example.com/${jwt}` },
        },
        english,
      ),
    ];
    const report = copied(reportText(findings, [["user", "alice"]], english));
    for (const secret of secrets) expect(report.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(report).toContain("idp.example.com");
    expect(report).toContain("proxy.example.com");
  });

  it("holds no name and no token, whatever stands around them", () => {
    const token = fc
      .stringMatching(/^[A-Za-z0-9_-]{24,64}$/)
      .filter((text) => /\d/.test(text) && /[a-z]/i.test(text));
    const around = fc.constantFrom(" ", "(", ")", ", ", ": ", "'", '"', "\n", " → ");
    fc.assert(
      fc.property(token, around, around, (secret, before, after) => {
        const report = copied(`seen${before}${secret}${after}of${before}alice${after}end`);
        expect(report).not.toContain(secret);
        expect(report).not.toMatch(/(?<![\p{L}\p{N}])alice(?![\p{L}\p{N}])/iu);
      }),
    );
  });

  it("ends soon, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        expect(typeof copied(text)).toBe("string");
      }),
    );
    const startedMs = performance.now();
    copied("a".repeat(20_000) + "@".repeat(20_000));
    copied("https://".repeat(5_000));
    copied("/home/".repeat(5_000));
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
