import { describe, expect, it } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { signedIn } from "./fakePerson.ts";

const secret = new Secret("installed-app");

describe("the secret of a client that cannot keep one", () => {
  it("goes with the code, with each renewal and with a revocation, and nowhere else", async () => {
    const { idp, identity, clock, fresh } = await signedIn({}, { secret });
    clock.advance(300_000);
    expect((await fresh()).kind).toBe("active");
    const [session] = await identity.list();
    await identity.signOut(session?.id ?? "");
    const withSecret = idp.asked.filter(({ form }) => form.get("client_secret") === "installed-app");
    expect(new Set(withSecret.map(({ path }) => path))).toEqual(new Set(["/token", "/revoke"]));
    expect(idp.renewals()).toBe(1);
    expect(idp.authorized[0]?.toString()).not.toContain("installed-app");
    expect(JSON.stringify(session)).not.toContain("installed-app");
  });

  it("is sent by nobody who has none", async () => {
    const { idp } = await signedIn();
    expect(idp.asked.some(({ form }) => form.has("client_secret"))).toBe(false);
  });
});
