import { expect, test } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { failed } from "../../../../src/core/identity/failures.ts";
import type { SignInRequest } from "../../../../src/core/identity/session.ts";
import { SignIn } from "../../../../src/editor/identity/signIn.ts";
import { SignInWait } from "../../../../src/editor/identity/signInWait.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { editor } from "../../../support/editor/vscode.ts";

const crm = connectorNamed("crm");
const { issuer, clientId } = crm.userAuth;

const signInWith = (connectors: readonly Connector[]) => {
  editor.reset();
  const begun: SignInRequest[] = [];
  const identity = {
    signIn: (request: SignInRequest) => {
      begun.push(request);
      return Promise.resolve(failed("denied", request.issuer));
    },
  };
  const signIn = new SignIn({
    identity: () => Promise.resolve(identity),
    wait: new SignInWait(),
    receivers: () => Promise.resolve([]),
    connectors: () => connectors,
    knownFor: () => ({}),
    settle: () => Promise.resolve(),
  });
  return { signIn, begun };
};

test.each([
  [
    "an issuer that nobody approved",
    { issuer: "https://idp.attacker.example", clientId, scopes: ["openid"] },
  ],
  ["an approved issuer with another client", { issuer, clientId: "attacker", scopes: ["openid"] }],
  ["an approved issuer's look-alike", { issuer: `${issuer}/`, clientId, scopes: [] }],
])("%s is not signed in at, whoever asks the editor for it", async (_what, asked) => {
  const { signIn, begun } = signInWith([crm]);
  await expect(signIn.run(asked)).rejects.toThrow("No approved connector here names this identity provider.");
  expect(begun).toEqual([]);
});

test("nobody signs in anywhere where nothing is approved", async () => {
  const { signIn, begun } = signInWith([]);
  await expect(signIn.run({ issuer, clientId, scopes: [] })).rejects.toThrow("No approved connector");
  await expect(signIn.run({ scopes: [] })).rejects.toThrow("No approved connector");
  expect(begun).toEqual([]);
});

test("an approved one is, with the scopes of its connectors too", async () => {
  const { signIn, begun } = signInWith([crm]);
  await expect(signIn.run({ issuer, scopes: ["email"] })).rejects.toThrow();
  expect(begun).toMatchObject([{ issuer, clientId, scopes: ["openid", "profile", "email"] }]);
});
