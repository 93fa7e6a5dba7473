import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";

/** What came of looking for Claude Code. */
export type ClaudeCodeFacts =
  | { readonly kind: "notFound" }
  /** It is there, but did not say its version, or not in time. */
  | { readonly kind: "silent" }
  | { readonly kind: "found"; readonly version: string };

/** The oldest and the newest version with which the helper's contract was measured, with others between them. */
const measured = { from: "2.1.197", to: "2.1.332" } as const;

/**
 * From which version on something holds, found by measuring neighbours. Between them lies all that Lanyard builds on:
 * how the helper is called, what of its answer is sent, and what a person sees.
 */
export const since = {
  /** `claude mcp list` shows the reason of a refusal. */
  reasonShown: "2.1.219",
  /** Project helpers are called only in a folder whose trust is stored, and without what looks like a secret. */
  trust: "2.1.238",
  /** A 401 during a session asks the helper again: renewal and step-up. The least version that Lanyard fits. */
  renewal: "2.1.248",
  /** Words of the connector's URL are starred out in the reason. */
  redaction: "2.1.268",
} as const;

/**
 * Versions whose users reported faults that Lanyard cannot mend, by the issues of github.com/anthropics/claude-code.
 * `from` and `to` are the versions that the reports name: others may have the fault too.
 */
const reported: readonly {
  readonly from: string;
  readonly to: string;
  readonly fault: (t: Translate) => string;
}[] = [
  {
    from: "2.1.266",
    to: "2.1.266",
    fault: (t) =>
      t(
        "with many connectors on Windows, it was reported to connect before a slow helper has answered (issue 93776)",
      ),
  },
];

export const versionIn = (facts: ClaudeCodeFacts): string | undefined =>
  facts.kind === "found" ? facts.version : undefined;

/** The first version in what `claude --version` prints. */
export const claudeCodeVersionIn = (text: string): string | undefined => /\d+\.\d+\.\d+/.exec(text)?.[0];

/** What is known of the Claude Code that is installed. One that nobody has measured is a warning, never an ok. Pure. */
export const judgeClaudeCode = (facts: ClaudeCodeFacts, t: Translate): Finding => {
  const judge = judgesOf("Claude Code");
  switch (facts.kind) {
    case "notFound":
      return judge.warning(
        t("There is no command claude on the PATH that was looked at."),
        t("If you use Claude Code, run lanyard doctor in the shell in which you start it."),
      );
    case "silent":
      return judge.warning(
        t("The command claude did not say its version in time."),
        t("Run claude --version yourself."),
      );
    case "found":
      return judgeVersion(plainText(facts.version, 40), t);
  }
};

const judgeVersion = (version: string, t: Translate): Finding => {
  const judge = judgesOf("Claude Code");
  const known = reported.find(({ from, to }) => isBetween(version, from, to));
  if (compare(version, since.renewal) < 0) {
    return judge.warning(
      compare(version, since.reasonShown) < 0
        ? t(
            "Version {0}: it asks no helper again during a session, so that nothing is renewed and no step-up goes on by itself, and it shows no reason of Lanyard's.",
            version,
          )
        : t(
            "Version {0}: it asks no helper again during a session, so that nothing is renewed and no step-up goes on by itself.",
            version,
          ),
      t(
        "Update Claude Code to {0} or later. Until then, reconnect the server with /mcp when it loses its credential.",
        since.renewal,
      ),
    );
  }
  if (known !== undefined) {
    return judge.warning(t("Version {0}: {1}.", version, known.fault(t)), t("Update Claude Code."));
  }
  if (compare(version, measured.to) <= 0) {
    return judge.ok(t("Version {0}: the helper's contract was measured with it, or around it.", version));
  }
  return judge.warning(
    t(
      "Version {0}: not measured. It may treat the helper differently from {1}.",
      version,
      `${measured.from}–${measured.to}`,
    ),
    t(
      "Sign out of Lanyard and run claude mcp list: a connector has to show Lanyard's reason. If it shows Connected, report it.",
    ),
  );
};

/** Whether Claude Code has stored that the person trusts a project. */
export interface TrustFacts {
  /** The folder whose trust counts: the root of the repository; of a worktree, that of the main one. */
  readonly root: string;
  readonly stored: "yes" | "no" | "unreadable";
}

/** @param version of Claude Code, where one is known: earlier ones call helpers without trust. Pure. */
export const judgeTrust = (
  { root, stored }: TrustFacts,
  version: string | undefined,
  t: Translate,
): readonly Finding[] => {
  const judge = judgesOf("Claude Code");
  if (version !== undefined && compare(version, since.trust) < 0) return [];
  const shown = plainText(root, 200);
  switch (stored) {
    case "yes":
      return [judge.ok(t("It has stored that you trust {0}.", shown))];
    case "no":
      return [
        judge.warning(
          t("It has not stored that you trust {0}, so it calls no helper there.", shown),
          t("Start claude in that folder once and say that you trust it."),
        ),
      ];
    case "unreadable":
      return [
        judge.warning(
          t("Whether it trusts {0} cannot be read from its settings.", shown),
          t("Start claude in that folder once and say that you trust it."),
        ),
      ];
  }
};

const isBetween = (version: string, from: string, to: string): boolean =>
  compare(version, from) >= 0 && compare(version, to) <= 0;

const compare = (one: string, other: string): number => {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

const numbersOf = (version: string): readonly number[] => version.split(".").map(Number);
