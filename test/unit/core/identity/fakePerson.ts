import { afterEach, expect } from "vitest";
import { createIdentityService, type WholeIdentity } from "../../../../src/core/identity/service.ts";
import type { SessionAnswer, SignInRequest } from "../../../../src/core/identity/session.ts";
import { fakeIdp, needAtFake, signInAtFake, type FakeIdp, type Quirks } from "../../../support/fakeIdp.ts";
import {
  fakeClock,
  memoryMemory,
  memorySecrets,
  recordingLog,
  type FakeClock,
} from "../../../support/ports.ts";
import { never } from "./harness.ts";

/** What is disposed of after each test. */
export const opened: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.dispose();
});

export interface Person {
  readonly clock: FakeClock;
  readonly idp: FakeIdp;
  readonly identity: WholeIdentity;
  readonly secrets: ReturnType<typeof memorySecrets>;
  readonly fresh: () => Promise<SessionAnswer>;
}

/** Waits for it, while what is due at this moment is done. */
export const whileTimeStands = async <T>(clock: FakeClock, work: Promise<T>): Promise<T> => {
  const progress = { isDone: false };
  void work.finally(() => (progress.isDone = true)).catch(() => undefined);
  while (!progress.isDone) {
    clock.advance(0);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return work;
};

export const person = (quirks: Quirks = {}): Person => {
  const clock = fakeClock(Date.now());
  const idp = fakeIdp(clock, quirks);
  const secrets = memorySecrets();
  const identity = createIdentityService(
    { clock, fetch: idp.fetch, secrets, memory: memoryMemory(), log: recordingLog() },
    { storageDelayMs: 0, withLock: (_id, work) => work({ holdFor: () => undefined }) },
  );
  opened.push(identity);
  const fresh = (): Promise<SessionAnswer> =>
    whileTimeStands(clock, identity.fresh(needAtFake(), { signal: never }));
  return { clock, idp, identity, secrets, fresh };
};

export const signedIn = async (
  quirks: Quirks = {},
  request: Partial<SignInRequest> = {},
): Promise<Person> => {
  const made = person(quirks);
  expect(await signInAtFake(made.identity, made.idp, request)).toMatchObject({ kind: "signedIn" });
  return made;
};
