import { describe, expect, it } from "vitest";
import { LanyardError } from "../../../../../src/core/errors.ts";
import type { FailurePoint } from "../../../../../src/core/identity/session.ts";
import { SignInProgress } from "../../../../../src/core/identity/signIn/progress.ts";
import { browsing, company, needAt, never, userOf } from "../harness.ts";

const { demo, open } = company();
const issuer = "https://idp.example.com";

describe("where a sign-in failed", () => {
  it("is the host that was asked last, its status, and the platform's code of what broke", async () => {
    const progress = new SignInProgress(issuer);
    const fetch = progress.through(() => Promise.resolve(new Response(null, { status: 502 })));
    progress.reach("par");
    await fetch("https://par.example.com/request");
    const broken = Object.assign(new Error("x"), { code: "ECONNRESET" });
    const error = new LanyardError("network", "It cannot be reached.", { cause: broken });
    expect(progress.pointOf(error)).toEqual({
      ...{ step: "par", host: "par.example.com", status: 502, code: "ECONNRESET" },
    });
  });

  it("forgets the status of the request before", async () => {
    const progress = new SignInProgress(issuer);
    await progress.through(() => Promise.resolve(new Response()))("https://par.example.com/request");
    progress.reach("browser", "login.example.com");
    expect(progress.pointOf()).toEqual({ step: "browser", host: "login.example.com" });
  });
});

describe("a sign-in that fails can be found", () => {
  const hostOfDemo = (): string => new URL(demo().idp).host;

  it.each<[string, number, unknown, FailurePoint]>([
    ["/token", 503, {}, { step: "token", host: "", status: 503, code: "OAUTH_RESPONSE_IS_NOT_CONFORM" }],
    [
      "/token",
      400,
      { error: "invalid_client" },
      { step: "token", host: "", status: 400, code: "invalid_client" },
    ],
    [
      "/token",
      200,
      { access_token: "a", token_type: "Bearer" },
      { step: "idToken", host: "", status: 200, code: "OAUTH_INVALID_RESPONSE" },
    ],
    // A refusal in a reply of success: its status is told as it came.
    [
      "/token",
      200,
      { error: "invalid_grant" },
      { step: "token", host: "", status: 200, code: "invalid_grant" },
    ],
    ["/request", 403, {}, { step: "par", host: "", status: 403, code: "OAUTH_RESPONSE_IS_NOT_CONFORM" }],
    ["/.well-known/openid-configuration", 404, {}, { step: "discovery", host: "", status: 404 }],
  ])("because %s answers with %i %j can be found", async (path, status, body, point) => {
    const editor = open();
    editor.wire.tamper = (asked) =>
      Promise.resolve(
        asked === path || (path.startsWith("/.well") && asked.startsWith("/.well"))
          ? Response.json(body, { status })
          : undefined,
      );
    const outcome = await editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    expect(outcome).toMatchObject({ kind: "failed", point: { ...point, host: hostOfDemo() } });
    expect(outcome).toHaveProperty("traceId");
    const noted = editor.log.entries.find(({ event }) => event === "identity.signIn.ended");
    expect(noted?.fields).toMatchObject({ ...point, host: hostOfDemo() });
  });

  it("because the browser never came back names whose page was open", async () => {
    const editor = open({}, { signInTimeoutMs: 200 });
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      browsing(userOf(demo()), { act: () => new Promise(() => undefined) }),
      never,
    );
    expect(outcome).toMatchObject({ failure: "timedOut", point: { step: "browser", host: hostOfDemo() } });
    expect(outcome).toMatchObject({
      template: expect.stringContaining("came back from the browser in time") as string,
    });
  });
});
