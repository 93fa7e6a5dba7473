import { describe, expect, it } from "vitest";
import { orAfter } from "../../../../src/core/abort.ts";
import { BoundedSecrets, storageSentences } from "../../../../src/core/secrets/bounded.ts";
import type { SecretsPort } from "../../../../src/core/ports.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { memorySecrets, type MemorySecrets } from "../../../support/ports.ts";
import { browsing, company, endOf, needAt, never, signedIn, userInfoStatus, userOf } from "./harness.ts";

const { demo, open } = company();

type Call = "get" | "store" | "delete";

/** A keyring that asks for its password at one call: that one and all that come after wait for the person. */
interface Keyring {
  readonly secrets: SecretsPort;
  readonly inner: MemorySecrets;
  /** Resolves when the person is asked. */
  readonly asks: Promise<void>;
  /** The person types the password, or closes the dialog. */
  answer(how: "opens" | "refuses"): void;
}

/** So long is a call waited for that does not wait for a person. */
const limitMs = 20;

const keyringThatAsksAt = (call: Call, isMeant: (key: string) => boolean = () => true): Keyring => {
  const inner = memorySecrets();
  let ask = (): void => undefined;
  let answer = (_how: "opens" | "refuses"): void => undefined;
  const asks = new Promise<void>((resolve) => (ask = resolve));
  const answered = new Promise<void>((resolve) => {
    answer = (how) => {
      if (how === "refuses") inner.locked = inner.refusal = new Error("The dialog was closed.");
      resolve();
    };
  });
  let gate: Promise<void> = Promise.resolve();
  const through = async <T>(which: Call, key: string, act: () => Promise<T>): Promise<T> => {
    if (which === call && isMeant(key)) {
      gate = answered;
      ask();
    }
    await gate;
    return act();
  };
  const port: SecretsPort = {
    get: (key) => through("get", key, () => inner.get(key)),
    store: (key, value) => through("store", key, () => inner.store(key, value)),
    delete: (key) => through("delete", key, () => inner.delete(key)),
    onDidChange: inner.onDidChange,
  };
  const secrets = new BoundedSecrets(port, systemClock, limitMs);
  return { secrets, inner, asks, answer: (how) => answer(how) };
};

const openWith = ({ secrets, inner }: Keyring): ReturnType<typeof open> =>
  open({ secrets: { ...inner, ...portOf(secrets) } });

const portOf = (secrets: SecretsPort): SecretsPort => ({
  get: (...args) => secrets.get(...args),
  store: (...args) => secrets.store(...args),
  delete: (...args) => secrets.delete(...args),
  onDidChange: secrets.onDidChange,
});

const pastTheLimit = (): Promise<void> =>
  orAfter(new Promise<void>(() => undefined), systemClock, 5 * limitMs, () => undefined);

const revocations = (editor: ReturnType<typeof open>): number =>
  editor.wire.sent.filter(({ path }) => path === "/token/revocation").length;

describe("a keyring that asks for its password", () => {
  it.each<readonly [string, Call, (key: string) => boolean]>([
    ["at the first store", "store", () => true],
    ["at the first reading of a session", "get", (key) => key.startsWith("lanyard.session.")],
    ["at the reading of the list", "get", (key) => key === "lanyard.sessions"],
    ["at everything from the start", "get", () => true],
  ])("%s is waited for, and nothing is revoked", async (_when, call, isMeant) => {
    const keyring = keyringThatAsksAt(call, isMeant);
    const editor = openWith(keyring);
    const shown: string[] = [];
    const person = {
      ...browsing(userOf(demo())),
      showKeeping: () => {
        shown.push("shown");
        return { dispose: () => void shown.push("gone") };
      },
    };
    const ending = editor.identity.signIn(needAt(demo()), person, never);
    await keyring.asks;
    await pastTheLimit();
    keyring.answer("opens");
    expect(endOf(await ending)).toBe("signedIn");
    expect(shown).toEqual(["shown", "gone"]);
    const answer = await editor.identity.fresh(needAt(demo()), { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    expect(await userInfoStatus(demo(), answer.session.accessToken.reveal())).toBe(200);
    expect(revocations(editor)).toBe(0);
  });

  it("and is refused it in the end has the tokens given back then, not before", async () => {
    const keyring = keyringThatAsksAt("store");
    const editor = openWith(keyring);
    const ending = editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    await keyring.asks;
    await pastTheLimit();
    expect(revocations(editor)).toBe(0);
    keyring.answer("refuses");
    expect(endOf(await ending)).toBe("storageFailed");
    await expect.poll(() => revocations(editor)).toBe(2);
  });

  it.each(["opens", "refuses"] as const)(
    "while the sign-in is cancelled leaves no session, whether it %s after all",
    async (how) => {
      const keyring = keyringThatAsksAt("store");
      const editor = openWith(keyring);
      const cancel = new AbortController();
      const ending = editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), cancel.signal);
      await keyring.asks;
      cancel.abort();
      expect(endOf(await ending)).toBe("cancelled");
      expect(revocations(editor)).toBe(0);
      keyring.answer(how);
      await expect.poll(() => revocations(editor)).toBe(2);
      keyring.inner.locked = keyring.inner.refusal = undefined;
      await expect.poll(() => editor.identity.list()).toEqual([]);
    },
  );

  it("at a renewal is told of by the row, and the renewed session is used once it opens", async () => {
    const inner = memorySecrets();
    const first = open({ secrets: inner });
    await signedIn(first, needAt(demo()), userOf(demo()));
    let gate: Promise<void> = Promise.resolve();
    let release = (): void => undefined;
    const port: SecretsPort = {
      ...inner,
      onDidChange: inner.onDidChange,
      store: async (key, value) => {
        await gate;
        return inner.store(key, value);
      },
    };
    const bounded = new BoundedSecrets(port, systemClock, limitMs);
    const editor = open({ secrets: { ...inner, ...portOf(bounded) }, memory: first.memory });
    const before = await editor.identity.fresh(needAt(demo()), { signal: never });
    if (before.kind !== "active") throw new Error(before.kind);
    gate = new Promise((resolve) => (release = resolve));
    const refused = { signal: never, refused: before.session.accessToken };
    const waiting = await editor.identity.fresh(needAt(demo()), refused);
    expect(waiting).toMatchObject({ kind: "unavailable", reason: storageSentences.silent });
    release();
    await expect.poll(async () => (await editor.identity.fresh(needAt(demo()), refused)).kind).toBe("active");
    expect(revocations(editor)).toBe(0);
  });
});
