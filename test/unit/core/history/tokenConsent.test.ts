import { expect, test } from "vitest";
import {
  TokenConsent,
  type TokenAnswer,
  type TokenCommandSetting,
  type TokenQuestion,
} from "../../../../src/core/history/tokenConsent.ts";
import { fakeClock } from "../../../support/ports.ts";

const asked: TokenQuestion = { issuer: "https://idp.example.com", program: "claude (7) > bash (8)" };

const withPerson = (answer: TokenAnswer | "none", setting: TokenCommandSetting = "ask") => {
  const clock = fakeClock();
  const questions: TokenQuestion[] = [];
  let late: (answer: TokenAnswer) => void = () => undefined;
  const consent = new TokenConsent({
    clock,
    setting: () => setting,
    ask: (question) => {
      questions.push(question);
      return answer === "none" ? new Promise((resolve) => (late = resolve)) : Promise.resolve(answer);
    },
  });
  return { clock, consent, questions, answerLate: (given: TokenAnswer) => late(given) };
};

test.each([
  ["allow", "allowed"],
  ["never", "forbidden"],
] as const)("where the setting is %s, nobody is asked: %s", async (setting, result) => {
  const { consent, questions } = withPerson({ kind: "yes", forMs: 0 }, setting);
  expect(await consent.decide(asked, 100)).toBe(result);
  expect(questions).toEqual([]);
});

test("a yes holds for as long as the person said, for this program and issuer alone", async () => {
  const { clock, consent, questions } = withPerson({ kind: "yes", forMs: 1000 });
  expect(await consent.decide(asked, 100)).toBe("allowed");
  expect(await consent.decide({ ...asked, program: "claude (9) > bash (10)" }, 100)).toBe("allowed");
  expect(questions).toHaveLength(1);
  await consent.decide({ ...asked, program: "curl (9)" }, 100);
  await consent.decide({ ...asked, issuer: "https://other.example.com" }, 100);
  expect(questions).toHaveLength(3);
  clock.advance(1000);
  await consent.decide(asked, 100);
  expect(questions).toHaveLength(4);
});

test("a yes for once is asked again", async () => {
  const { consent, questions } = withPerson({ kind: "yes", forMs: 0 });
  await consent.decide(asked, 100);
  await consent.decide(asked, 100);
  expect(questions).toHaveLength(2);
});

test("a no is a no, and not asked again at once", async () => {
  const { consent, questions } = withPerson({ kind: "no" });
  expect(await consent.decide(asked, 100)).toBe("denied");
  expect(await consent.decide(asked, 100)).toBe("denied");
  expect(questions).toHaveLength(1);
});

test("what nobody answers in time is refused; one question stays, and a late yes is good for the next try", async () => {
  const { clock, consent, questions, answerLate } = withPerson("none");
  const decided = [consent.decide(asked, 6000), consent.decide(asked, 6000)];
  await clock.waiting(2);
  clock.advance(6000);
  expect(await Promise.all(decided)).toEqual(["unanswered", "unanswered"]);
  expect(questions).toHaveLength(1);
  answerLate({ kind: "yes", forMs: 0 });
  await Promise.resolve();
  await Promise.resolve();
  expect(await consent.decide(asked, 100)).toBe("allowed");
});

test("programs by the dozen do not wear the person out: three questions at a time, and no more of what they answered is kept", async () => {
  const { consent, questions } = withPerson("none");
  const named = (n: number): TokenQuestion => ({ ...asked, program: `agent-${n} (${n})` });
  const waiting = [1, 2, 3].map((n) => consent.decide(named(n), 60_000));
  expect(await consent.decide(named(4), 60_000)).toBe("unanswered");
  expect(questions.map(({ program }) => program)).toEqual(["agent-1 (1)", "agent-2 (2)", "agent-3 (3)"]);
  // One that is asked about already waits for the same answer.
  waiting.push(consent.decide(named(1), 60_000));
  expect(questions).toHaveLength(3);
});
