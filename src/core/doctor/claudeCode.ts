import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";

/** What came of looking for Claude Code. */
export type ClaudeCodeFacts =
  | { readonly kind: "notFound" }
  /** It is there, but did not say its version, or not in time. */
  | { readonly kind: "silent" }
  | { readonly kind: "found"; readonly version: string };

/** Versions with which every promise of the helper was measured: how it is called, and that a refusal sends nothing. */
const measured: readonly string[] = ["2.1.330"];

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
    from: "2.1.193",
    to: "2.1.217",
    fault: (t) =>
      t(
        "when a credential lapses during a session, it was reported not to ask the helper again and to start a sign-in of its own (issues 73537, 78534, 80298)",
      ),
  },
  {
    from: "2.1.266",
    to: "2.1.266",
    fault: (t) =>
      t(
        "with many connectors on Windows, it was reported to connect before a slow helper has answered (issue 93776)",
      ),
  },
];

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
  if (measured.includes(version)) {
    return judge.ok(t("Version {0}: the helper's contract was measured with it.", version));
  }
  const known = reported.find(({ from, to }) => isBetween(version, from, to));
  if (known !== undefined) {
    return judge.warning(
      t("Version {0}: {1}.", version, known.fault(t)),
      t("Update Claude Code. Until then, reconnect the server with /mcp when it loses its credential."),
    );
  }
  return judge.warning(
    t(
      "Version {0}: not measured. It may treat the helper differently from {1}.",
      version,
      measured.join(", "),
    ),
    t(
      "Sign out of Lanyard and run claude mcp list: a connector has to show Lanyard's reason. If it shows Connected, report it.",
    ),
  );
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
