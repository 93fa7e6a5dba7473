import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readScriptResult } from "../../../../../src/core/credentials/script/script.ts";
import type { ScriptResult } from "../../../../../src/core/credentials/source.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { connectorWith, plain } from "../../../../support/asks.ts";
import { errorRows } from "../../../../support/vaults/tokenEndpoint.ts";
import type { VaultReply } from "../../../../support/vaults/server.ts";

const nowMs = 1_700_000_000_000;
const ended = (over: Partial<ScriptResult>): ScriptResult => ({
  exitCode: 0,
  stdout: "",
  stderr: "",
  ...over,
});
const grantOf = (over: Partial<ScriptResult>): ReturnType<typeof plain> =>
  plain(readScriptResult(ended(over), nowMs));

describe("a team script that ends with 0", () => {
  it("grants the headers that it prints, whatever it said on stderr", () => {
    const stdout = '{"Authorization": "Bearer a", "X-Team": "red"}\n';
    expect(grantOf({ stdout, stderr: '{"error":"access_denied"}\n' })).toEqual({
      kind: "granted",
      headers: { Authorization: "Bearer a", "X-Team": "red" },
    });
  });

  it.each([
    ["nothing", ""],
    ["text before the JSON", 'token: {"Authorization":"Bearer a"}'],
    ["an array", '["Bearer a"]'],
    ["an empty object", "{}"],
    ["a number", '{"Authorization":1}'],
    ["a line break in a value", '{"Authorization":"a\\r\\nHost: evil"}'],
    ["a header of the transport", '{"Mcp-Session-Id":"1"}'],
  ])("is misconfigured when it prints %s", (_what, stdout) => {
    expect(grantOf({ stdout }).kind).toBe("misconfigured");
  });
});

describe("a team script that fails", () => {
  it("says that it printed too much, where that is why it was ended", () => {
    expect(grantOf({ exitCode: "tooMuchOutput", stdout: '{"Authorization":"Bearer a"}' })).toMatchObject({
      kind: "misconfigured",
      issues: [
        {
          template:
            "The script printed more than {0} kB and was ended. It has to print the headers and nothing else.",
          args: [40],
        },
      ],
    });
  });

  it("never grants, even with headers on stdout", () => {
    expect(grantOf({ exitCode: 1, stdout: '{"Authorization":"Bearer a"}' }).kind).toBe("misconfigured");
  });

  const bodyOf = async (reply: VaultReply | Promise<VaultReply>): Promise<unknown> => (await reply).json;
  const asked = {
    ...{
      method: "POST",
      path: "/token",
      query: new URLSearchParams(),
      headers: {},
      body: "",
      json: undefined,
    },
    form: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: "canary-user-token-7f3a",
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      client_id: "lanyard",
    }),
  };

  it.each(errorRows)("says why in one line of JSON, as a facade does: $answer", async ({ vault, means }) => {
    const reason = JSON.stringify(await bodyOf(vault(asked)));
    const stderr = `fetching the token\n${reason}\nbye\n`;
    expect(grantOf({ exitCode: 1, stderr })).toMatchObject(means({ origin: "", nowMs }));
  });

  it("says why in the last such line", () => {
    const stderr = '{"error":"access_denied"}\n{"error":"temporarily_unavailable"}\n';
    expect(grantOf({ exitCode: 1, stderr }).kind).toBe("unavailable");
  });

  it.each([
    ["nothing", ""],
    ["what is no JSON", "curl: (6) Could not resolve host"],
    ["JSON without an error", '{"message":"no"}'],
    ["an error that is no text", '{"error":{"code":1}}'],
    ["an error that nobody knows", '{"error":"out_of_cheese"}'],
  ])("is misconfigured when its stderr holds %s", (_what, stderr) => {
    expect(grantOf({ exitCode: 3, stderr }).kind).toBe("misconfigured");
  });

  it("shows nothing of its other output, and no token in its reason", () => {
    const stderr =
      '+ curl -H "Authorization: Bearer canary"\n{"error":"access_denied","error_description":"No canary."}\n';
    const grant = readScriptResult(ended({ exitCode: 1, stderr }), nowMs, undefined, new Secret("canary"));
    expect(grant).toMatchObject({ kind: "denied", reason: "No [secret]." });
    expect(JSON.stringify(readScriptResult(ended({ exitCode: 1, stderr: "canary" }), nowMs))).not.toContain(
      "canary",
    );
  });

  it("points at its entry", () => {
    const grant = readScriptResult(ended({ exitCode: 1 }), nowMs, connectorWith({ source: "script" }));
    expect(grant).toMatchObject({ issues: [{ connector: "salesforce", place: { line: 1 } }] });
  });
});

describe("a team script that does not end by itself", () => {
  it("is unavailable when it takes too long", () => {
    expect(grantOf({ exitCode: "timedOut", stdout: '{"Authorization":"Bearer a"}' })).toMatchObject({
      kind: "unavailable",
      retryAtMs: nowMs + 2000,
    });
  });

  it("is misconfigured when it cannot be started", () => {
    expect(grantOf({ exitCode: "notStarted" }).kind).toBe("misconfigured");
  });
});

it("grants only what was printed by a script that ended with 0, whatever scripts print", () => {
  const output = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.dictionary(fc.string(), fc.string()).map((given) => JSON.stringify(given)),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), output, output, (exitCode, stdout, stderr) => {
      const grant = grantOf({ exitCode, stdout, stderr });
      if (grant.kind !== "granted") return;
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toEqual(grant.headers);
      expect(() => new Headers(grant.headers)).not.toThrow();
    }),
    { numRuns: 500 },
  );
}, 60_000);
