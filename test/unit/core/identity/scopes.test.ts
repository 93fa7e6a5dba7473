import { describe, expect, it } from "vitest";
import { notGranted } from "../../../../src/core/identity/scopes.ts";
import type { SignInRequest } from "../../../../src/core/identity/session.ts";
import { needAtFake, personAt, signInAtFake, type Quirks } from "../../../support/fakeIdp.ts";
import { person } from "./fakePerson.ts";
import { never } from "./harness.ts";

describe("scopes that were not granted", () => {
  it.each<[string, readonly string[], readonly string[] | undefined, readonly string[]]>([
    ["none, where the reply names none", ["openid", "email"], undefined, []],
    ["those that the reply lacks", ["openid", "email", "crm"], ["openid", "email"], ["crm"]],
    [
      "none that is named by its address (Google)",
      ["email", "profile"],
      ["https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile"],
      [],
    ],
    [
      "none that is named by its address (Entra)",
      ["User.Read"],
      ["https://graph.microsoft.com/User.Read"],
      [],
    ],
    ["nothing that shows by itself", ["openid", "offline_access"], [], []],
  ])("are %s", (_what, asked, granted, missing) => {
    expect(notGranted(asked, granted)).toEqual(missing);
  });

  it("are told with the sign-in, and do not end in a loop of sign-ins", async () => {
    const { identity, idp } = person({ reply: () => ({ scope: "openid" }) });
    const outcome = await signInAtFake(identity, idp, { scopes: ["openid", "crm"] });
    expect(outcome).toMatchObject({ kind: "signedIn", notGranted: ["crm"] });
    const need = needAtFake({ scopes: ["openid", "crm"] });
    expect((await identity.fresh(need, { signal: never })).kind).toBe("active");
  });
});

describe("a session at Entra", () => {
  const entra = "https://login.microsoftonline.com";
  const at = (path: string): string => `https://login.microsoftonline.com${path}`;
  const quirks: Quirks = {
    metadata: {
      issuer: entra,
      authorization_endpoint: at("/authorize"),
      token_endpoint: at("/token"),
      revocation_endpoint: at("/revoke"),
    },
    claims: () => ({ iss: entra }),
  };

  it("is of one API: that of another stands beside it, and neither ends the other", async () => {
    const { identity, idp } = person(quirks);
    const ask = (api: string): SignInRequest =>
      needAtFake({ issuer: entra, scopes: ["openid", `api://${api}/read`] });
    for (const api of ["crm", "mail"])
      expect((await identity.signIn(ask(api), personAt(idp), never)).kind).toBe("signedIn");
    expect(await identity.list()).toHaveLength(2);
    for (const api of ["crm", "mail"])
      expect((await identity.fresh(ask(api), { signal: never })).kind).toBe("active");
    await identity.signIn(ask("crm"), personAt(idp), never);
    expect(await identity.list()).toHaveLength(2);
  });
});
