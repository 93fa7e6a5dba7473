import { afterEach, describe, expect, it } from "vitest";
import type { Acme } from "../../../demo/demo.ts";
import { exchange, signIn, start } from "./acme.ts";

const running: Acme[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((demo) => demo.close()));
});

describe("the demo", () => {
  it("runs several times side by side on ports of its own", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    running.push(first, second);
    const addresses = [first, second].flatMap(({ idp, admin, vault }) => [idp, admin, vault]);
    expect(new Set(addresses).size).toBe(6);
    const { tokens } = await signIn(first);
    expect((await exchange(second, tokens.access_token, "github")).body["error"]).toBe("invalid_request");
  });

  it("has access tokens that live as long as asked", async () => {
    const demo = await start({ accessTokenSeconds: 2, credentialSeconds: 7 });
    running.push(demo);
    const { tokens } = await signIn(demo);
    expect(tokens.expires_in).toBe(2);
    expect((await exchange(demo, tokens.access_token, "github")).body["expires_in"]).toBe(7);
    await expect
      .poll(async () => (await exchange(demo, tokens.access_token, "github")).body["error"], {
        timeout: 5000,
      })
      .toBe("invalid_request");
  });
});
