import { afterEach, describe, expect, it } from "vitest";
import { reauthenticate, strongerRequest } from "../../../../../src/core/connectors/wait/reauthentication.ts";
import { requestParameters } from "../../../../../src/core/identity/signIn/authorization.ts";
import { grants } from "../../../../support/grants.ts";
import { acme, never, pass, settle, type Acme } from "../acme.ts";

let made: Acme = acme();
afterEach(async () => {
  await settle();
  const { waits, clock, connector } = made;
  expect([waits.size, clock.pending, waits.isChangeExpected(connector.id)]).toEqual([0, 0, false]);
});

/** Salesforce wants a stronger sign-in, which `signIn` stands for. */
const stepUp = (signIn: (isSecond: boolean) => Promise<unknown>): Promise<string> => {
  const { board, waits, connector } = made;
  return reauthenticate(connector.id, { board, waits, signIn, signal: never() }).then(
    ({ grant }) => grant.kind,
  );
};

const company = (): Acme => {
  made = acme();
  made.vault.says(grants.reauthenticate());
  return made;
};

describe("a stronger sign-in", () => {
  it("is asked for once when the vault is content with it", async () => {
    const { vault, board, connector } = company();
    let signIns = 0;
    const signIn = (): Promise<void> => {
      signIns += 1;
      vault.says(grants.granted());
      return Promise.resolve();
    };
    expect(await stepUp(signIn)).toBe("granted");
    expect([signIns, board.get(connector.id)?.status.kind]).toEqual([1, "granted"]);
  });

  it("is asked for twice at most, then it is denied, with the vault's evidence", async () => {
    const { board, connector } = company();
    let signIns = 0;
    const asked: boolean[] = [];
    const signIn = (isSecond: boolean): Promise<void> => {
      asked.push(isSecond);
      signIns += 1;
      return Promise.resolve();
    };
    expect(await stepUp(signIn)).toBe("denied");
    expect([signIns, ...asked]).toEqual([2, false, true]);
    expect(board.get(connector.id)?.status).toMatchObject({
      ...{ kind: "denied", by: "policy" },
      evidence: { answeredBy: "vault.example.com" },
    });
  });

  it.each([grants.push(), grants.denied(), grants.unavailable()])(
    "is over when the vault answers something else: $kind",
    async (other) => {
      const { vault } = company();
      let signIns = 0;
      const signIn = (): Promise<void> => {
        signIns += 1;
        vault.says(other);
        return Promise.resolve();
      };
      expect(await stepUp(signIn)).toBe(other.kind);
      expect(signIns).toBe(1);
    },
  );

  it("lets the helpers that waited for it have the credential", async () => {
    const { waits, vault, clock, connector } = company();
    let finish = (): void => undefined;
    const steppingUp = stepUp(() => new Promise<void>((resolve) => (finish = resolve)));
    const asking = waits.obtain(connector.id, { requester: "helper", signal: never(), deadlineMs: 8_000 });
    await pass(clock, 2_000);
    vault.says(grants.granted());
    finish();
    expect((await asking).grant.kind).toBe("granted");
    expect(await steppingUp).toBe("granted");
  });

  it("that is not enough is a denial to the helpers that waited, and stays one on the board", async () => {
    const { waits, board, clock, connector } = company();
    const finish: (() => void)[] = [];
    const steppingUp = stepUp(() => new Promise<void>((resolve) => finish.push(resolve)));
    const asking = waits.obtain(connector.id, { requester: "helper", signal: never(), deadlineMs: 8_000 });
    await pass(clock, 1_000);
    finish[0]?.();
    await settle();
    finish[1]?.();
    expect(await steppingUp).toBe("denied");
    expect((await asking).grant.kind).toBe("denied");
    await settle();
    expect(board.get(connector.id)?.status.kind).toBe("denied");
  });

  it("that the person cancels lets the helpers go with what is known", async () => {
    const { waits, clock, connector } = company();
    let cancel = (_reason: Error): void => undefined;
    const steppingUp = stepUp(() => new Promise((_resolve, reject) => (cancel = reject)));
    const asking = waits.obtain(connector.id, { requester: "helper", signal: never(), deadlineMs: 8_000 });
    await pass(clock, 1_000);
    cancel(new Error("Cancelled."));
    await expect(steppingUp).rejects.toThrow("Cancelled.");
    expect((await asking).grant.kind).toBe("stepUp");
  });
});

describe("what a stronger sign-in asks for", () => {
  const need = { issuer: "https://idp.example.com", clientId: "lanyard", scopes: ["openid"] };
  const before = {
    ...{ ...need, id: "1", subject: "alice", accountLabel: "alice@example.com", signedInAtMs: 0 },
    acr: "gold",
  };
  const parametersOf = (...asked: Parameters<typeof strongerRequest>): Record<string, string> => {
    const request = strongerRequest(...asked);
    return requestParameters({ request, metadata: { issuer: need.issuer } });
  };
  const byAcr = { kind: "reauthenticate", acrValues: ["platinum", "diamond"] } as const;
  const byAge = { kind: "reauthenticate", acrValues: [], maxAgeSeconds: 0 } as const;

  it.each([
    ["an acr", byAcr, before, false, { acr_values: "platinum diamond", login_hint: "alice@example.com" }],
    [
      "an acr, the second time",
      ...([byAcr, before, true] as const),
      { acr_values: "platinum diamond", login_hint: "alice@example.com", prompt: "login" },
    ],
    [
      "an age, with the acr that the session has",
      ...([byAge, before, false] as const),
      { acr_values: "gold", max_age: "0", login_hint: "alice@example.com" },
    ],
    [
      "an age, of a session that the browser remembered",
      ...([byAge, { ...before, acr: "0" }, false] as const),
      { max_age: "0", login_hint: "alice@example.com" },
    ],
    ["an age, where nobody is signed in", byAge, undefined, false, { max_age: "0" }],
    [
      "an age, of an account whose label is ours",
      ...([byAge, { ...before, accountLabel: "alice (idp.example.com)" }, true] as const),
      { acr_values: "gold", max_age: "0", prompt: "login" },
    ],
  ] as const)("%s", (_what, how, session, isSecond, expected) => {
    expect(parametersOf(need, how, session, isSecond)).toEqual({ scope: "openid", ...expected });
  });

  it("keeps the prompt of the entry the first time", () => {
    expect(parametersOf({ ...need, prompt: "consent" }, byAge, undefined, false)).toMatchObject({
      prompt: "consent",
    });
  });
});
