import { describe, expect, it } from "vitest";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import { BackgroundFollower } from "../../../../src/core/connectors/wait/backgroundFollower.ts";
import { SessionFollower } from "../../../../src/core/connectors/pipeline/sessionFollower.ts";
import { grants } from "../../../support/grants.ts";
import { never, pass, settle, tidyCompanies, watched, type Acme } from "./acme.ts";

const company = tidyCompanies();
const unsent = grants.push({ unsent: true, bindingMessage: "", intervalMs: 1_000 });

const followerOf = ({ board, waits, clock }: Acme): SessionFollower =>
  new SessionFollower({
    ...{ board, waits, clock },
    identity: { list: () => Promise.resolve([]), onDidChange: () => ({ dispose: () => undefined }) },
    show: () => undefined,
  });

const unaskedOf = ({ vault }: Acme): readonly boolean[] => vault.asked.map(({ ask }) => ask.unasked === true);

describe("a question that nobody asked", () => {
  it("says so to the vault, where all are checked or a window is loaded", async () => {
    const made = company();
    await followerOf(made).checkAll();
    await followerOf(made).checkThose(() => true);
    expect(unaskedOf(made)).toEqual([true, true]);
  });

  it("is another than that of a person, a helper, or a wait that a person began", async () => {
    const made = company();
    const { waits, connector } = made;
    await waits.check(connector.id, never());
    await waits.obtain(connector.id, { requester: "helper", signal: never(), deadlineMs: 8_000 });
    await waits.follow(connector.id, never());
    expect(unaskedOf(made)).toEqual([false, false, false]);
  });

  it("is followed by none where it finds that a push would have to be sent", async () => {
    const made = company();
    const standby = new BackgroundFollower({ ...made, actions: new UserActions() });
    made.vault.says(unsent);
    await followerOf(made).checkAll();
    await pass(made.clock, 10_000);
    expect(unaskedOf(made)).toEqual([true]);
    expect(made.board.get(made.connector.id)?.status).toMatchObject({
      kind: "stepUp",
      how: { unsent: true },
    });
    standby.dispose();
  });

  it("keeps nobody who wants the credential from having the push sent", async () => {
    const made = company();
    const { vault, waits, connector, clock } = made;
    const answerLook = vault.holds();
    const looking = followerOf(made).checkAll();
    await settle();
    const asking = watched(
      waits.obtain(connector.id, { requester: "helper", signal: never(), deadlineMs: 8_000 }),
    );
    await settle();
    vault.says(grants.granted());
    answerLook(unsent);
    await looking;
    await pass(clock, 1_000);
    expect(asking.answer?.grant.kind).toBe("granted");
    expect(unaskedOf(made)).toEqual([true, false]);
  });

  it("keeps no person who checks meanwhile from having it sent", async () => {
    const made = company();
    const { vault, waits, connector } = made;
    const answerLook = vault.holds();
    const looking = followerOf(made).checkAll();
    await settle();
    const checking = waits.check(connector.id, never());
    await settle();
    vault.says(grants.push());
    answerLook(unsent);
    await looking;
    expect((await checking).grant).toMatchObject({ kind: "stepUp", how: { kind: "push" } });
    expect((await checking).grant).not.toMatchObject({ how: { unsent: true } });
    expect(unaskedOf(made)).toEqual([true, false]);
  });

  it("is not put again by Check All while a push is out", async () => {
    const made = company();
    made.vault.says(grants.push());
    await made.waits.check(made.connector.id, never());
    await followerOf(made).checkAll();
    expect(unaskedOf(made)).toEqual([false]);
  });
});
