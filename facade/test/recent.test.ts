import { describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { deadSubject } from "../src/core/answer.ts";
import { remembering } from "../src/core/subject/recent.ts";
import type { Verified } from "../src/core/subject/verify.ts";
import { fakeClock } from "../../test/support/ports.ts";
import { claims, grants, sign, World } from "./support/world.ts";

const person = (token: string, expiresAtSeconds: number): Verified => ({
  kind: "person",
  person: {
    ...{ subject: "alice", sessionId: undefined, claims: {}, keyThumbprint: undefined },
    ...{ token: new Secret(token), tokenKind: "access_token", issuedAtSeconds: 0, expiresAtSeconds },
  },
});

describe("a signature", () => {
  const looked = (verified: (token: string) => Verified) => {
    const clock = fakeClock();
    const tokens: string[] = [];
    const verify = remembering((token) => {
      tokens.push(token);
      return Promise.resolve(verified(token));
    }, clock);
    return { clock, tokens, verify };
  };
  const inMinutes = (minutes: number) => (token: string) =>
    person(token, fakeClock().now() / 1000 + minutes * 60);

  test("is looked at once in thirty seconds", async () => {
    const { clock, tokens, verify } = looked(inMinutes(5));
    await verify("one", "access_token");
    clock.advance(29_999);
    expect(await verify("one", "access_token")).toMatchObject({ person: { subject: "alice" } });
    expect(tokens).toEqual(["one"]);
    clock.advance(1);
    await verify("one", "access_token");
    expect(tokens).toEqual(["one", "one"]);
  });

  test("of another token, or of one that is said to be another kind, is looked at", async () => {
    const { tokens, verify } = looked(inMinutes(5));
    await verify("one", "access_token");
    await verify("two", "access_token");
    await verify("one", "id_token");
    expect(tokens).toEqual(["one", "two", "one"]);
  });

  test("is looked at again once its token is over", async () => {
    const { clock, tokens, verify } = looked(inMinutes(1 / 6));
    await verify("one", "access_token");
    clock.advance(10_000);
    await verify("one", "access_token");
    expect(tokens).toEqual(["one", "one"]);
  });

  test("that was refused is looked at each time", async () => {
    const { tokens, verify } = looked(() => ({ kind: "refused", answer: deadSubject("No.") }));
    await verify("one", "access_token");
    await verify("one", "access_token");
    expect(tokens).toEqual(["one", "one"]);
  });
});

test("a token whose signature was good a moment ago gets nothing once its session is over", async () => {
  const world = new World();
  world.vault(() => grants());
  const token = await sign(claims());
  expect(await world.ask(token)).toMatchObject({ status: 200 });
  await world.facade.signals.endings.end({ sessionId: "session-1" });
  expect(await world.ask(token)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
});
