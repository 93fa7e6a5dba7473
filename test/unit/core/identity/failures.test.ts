import * as oauth from "openid-client";
import { describe, expect, it } from "vitest";
import { LanyardError } from "../../../../src/core/errors.ts";
import { failureSentence } from "../../../../src/core/identity/failureWords.ts";
import {
  failed,
  failureOf,
  type FailedSignIn,
  type FailureContext,
} from "../../../../src/core/identity/failures.ts";
import type { SignInStep } from "../../../../src/core/identity/session.ts";
import { english } from "../../../../src/core/text.ts";

const issuer = "https://idp.example.com";
const redirectUri = "http://127.0.0.1:1/callback";

/** An error that an identity provider names in a reply of its own. */
const answer = (error: string, description?: string, status = 400): oauth.ResponseBodyError =>
  new oauth.ResponseBodyError("The response is an error.", {
    cause: { error, ...(description === undefined ? {} : { error_description: description }) },
    response: new Response(null, { status }),
  });

const saidOf = (error: unknown, step: SignInStep): string => {
  const about: FailureContext = { clientId: "lanyard", redirectUri, step };
  const { template, args, detail } = failureOf(error, issuer, about);
  return `${english(template, ...args)}${detail === undefined ? "" : ` | ${detail}`}`;
};

describe("what an identity provider refuses with has a sentence of its own", () => {
  it.each<[string, unknown, SignInStep, string]>([
    [
      "a redirect that is not registered",
      answer("invalid_redirect_uri"),
      "par",
      `does not accept the redirect ${redirectUri} for the client lanyard.`,
    ],
    ["a client that is not known", answer("invalid_client"), "token", "does not know the client lanyard"],
    [
      "a client without the grant for codes",
      answer("unauthorized_client"),
      "device",
      "does not let the client lanyard sign people in by a code.",
    ],
    [
      "a person who is not assigned (Okta)",
      answer("access_denied", "User is not assigned to the client application."),
      "browser",
      "does not let you use the client lanyard.",
    ],
    [
      "a person who is not assigned (Entra)",
      answer(
        "access_denied",
        "AADSTS50105: Your administrator has configured the application to block users",
      ),
      "token",
      "does not let you use the client lanyard.",
    ],
    [
      "consent that only an administrator gives (Entra)",
      answer("access_denied", "AADSTS90094: The grant requires admin permission."),
      "browser",
      "does not let you use the client lanyard.",
    ],
    [
      "a person who said no",
      answer("access_denied"),
      "browser",
      "The sign-in at idp.example.com was refused, there or by yourself.",
    ],
  ])("%s", (_what, error, step, sentence) => {
    expect(saidOf(error, step)).toContain(sentence);
  });

  it("and what it said itself stands apart, word for word", () => {
    expect(saidOf(answer("invalid_client", "No such app"), "token")).toMatch(
      / \| No such app \(invalid_client\)$/,
    );
  });
});

describe("nothing of ours is said to be the identity provider's", () => {
  it.each<[string, unknown]>([
    ["a challenge without a word", challenge()],
    ["a network that is down", new LanyardError("network", "idp.example.com cannot be reached.")],
    ["an answer that cannot be read", new LanyardError("badReply", "The metadata is not valid.")],
  ])("%s", (_what, error) => {
    expect(failureOf(error, issuer, { step: "token" })).not.toHaveProperty("detail");
  });
});

function challenge(): oauth.WWWAuthenticateChallengeError {
  return new oauth.WWWAuthenticateChallengeError("challenge", {
    cause: [{ scheme: "basic", parameters: {} }],
    response: new Response(null, { status: 401 }),
  });
}

describe("where it failed", () => {
  it("stands in the sentence, after the advice and what the provider said", () => {
    const outcome: FailedSignIn = {
      ...failed("rejected", issuer, "No (invalid_grant)"),
      traceId: "4bf9",
      point: { step: "token", host: "as.example.com", status: 400, code: "invalid_grant" },
    };
    expect(failureSentence(outcome, english)).toBe(
      "idp.example.com did not accept the sign-in. Check the client ID and the scopes in .mcp.json. The identity provider says: No (invalid_grant) Where: token endpoint, HTTP 400, invalid_grant, as.example.com. Trace ID: 4bf9",
    );
  });

  it("is not told of what has no place at the provider", () => {
    const outcome: FailedSignIn = {
      ...failed("storageFailed", issuer),
      point: { step: "userinfo", host: "x" },
    };
    expect(failureSentence(outcome, english)).not.toContain("Where:");
  });
});
