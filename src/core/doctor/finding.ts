/** Everything that the doctor looks at, in the order in which it is shown. */
export const checks = [
  "identity provider",
  "certificate",
  "proxy",
  "clock",
  "sign-in",
  "secret storage",
  "approvals",
  "guard",
  "bridge",
  "agent",
  "endpoint file",
  "private directory",
  "launcher",
  "curl",
  "Claude Code",
] as const;

export type Check = (typeof checks)[number];

export const verdicts = ["ok", "warning", "failed"] as const;

/** `warning`: it works, but not as well as it could, or it cannot be told. `failed`: something does not work. */
export type Verdict = (typeof verdicts)[number];

/** One thing that was looked at, in words for the person. */
export interface Finding {
  readonly check: Check;
  readonly verdict: Verdict;
  readonly finding: string;
  /** What to do about it; every failure has one. */
  readonly remedy?: string;
}

/** Shorthands of the judgements. */
export const judgesOf = (check: Check): Judges => ({
  ok: (finding) => ({ check, verdict: "ok", finding }),
  warning: (finding, remedy) => ({ check, verdict: "warning", finding, remedy }),
  failed: (finding, remedy) => ({ check, verdict: "failed", finding, remedy }),
});

export interface Judges {
  readonly ok: (finding: string) => Finding;
  readonly warning: (finding: string, remedy: string) => Finding;
  readonly failed: (finding: string, remedy: string) => Finding;
}

/** In the order of the checks; findings of one check keep theirs. */
export const findingsInOrder = (findings: readonly Finding[]): readonly Finding[] =>
  checks.flatMap((check) => findings.filter((finding) => finding.check === check));

/** How many there are of each verdict. */
export const countsOf = (findings: readonly Finding[]): Readonly<Record<Verdict, number>> => ({
  ok: findings.filter(({ verdict }) => verdict === "ok").length,
  warning: findings.filter(({ verdict }) => verdict === "warning").length,
  failed: findings.filter(({ verdict }) => verdict === "failed").length,
});
