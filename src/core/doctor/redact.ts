/** What a report must not tell of the person and the machine. */
export interface Private {
  /** Home folders, as the system and the environment spell them. */
  readonly homes: readonly string[];
  /** Names by which the person is known to the machine. */
  readonly names: readonly string[];
}

const shortestName = 3;

/**
 * A report as it may leave the machine: hosts stay, for who reads the ticket has to know which provider is meant. Paths
 * lose the home folder, addresses everything after the host, and whatever looks like a name, an e-mail address or a
 * token is taken out. It rather takes out too much.
 */
export const redacted = (text: string, { homes, names }: Private): string => {
  const steps: readonly ((text: string) => string)[] = [
    (all) =>
      all.replace(
        url,
        (_whole, origin: string, rest: string) => origin.replace(/\/\/.*@/, "//") + (rest === "" ? "" : "/…"),
      ),
    (all) => longestFirst(homes).reduce((left, home) => left.replaceAll(home, "~"), all),
    (all) => all.replace(anyHome, "~"),
    (all) => all.replace(email, "[e-mail]"),
    (all) => all.replace(bearer, "$1 [redacted]"),
    (all) => all.replace(jwt, "[redacted]"),
    (all) => all.replace(tokenLike, (word) => (/\d/.test(word) && /[a-z]/i.test(word) ? "[redacted]" : word)),
    (all) => longestFirst(names).reduce((left, name) => left.replace(wordOf(name), "[user]"), all),
  ];
  return steps.reduce((all, step) => step(all), text);
};

const longestFirst = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)].filter((text) => text.length >= shortestName).sort((a, b) => b.length - a.length);

const url = /\b([a-z][a-z0-9+.-]*:\/\/[^\s/"'<>()]*)(\/?[^\s"'<>()]*)/gi;
const anyHome = /(?:\/(?:home|Users)|[A-Z]:\\Users)[/\\][^/\\\s"',:;()]+/g;
const email = /[^\s@"'<>()]{1,64}@[^\s@"'<>()]{1,255}\.[^\s@"'<>(),.;]{1,63}/g;
const bearer = /\b(Bearer|Basic|DPoP|token|password|secret|key)[ =:]+[\w.~+/=-]{8,}/gi;
const jwt = /\beyJ[\w-]*(?:\.[\w-]*)+/g;
/** Long, and of the characters that tokens have. */
const tokenLike = /[\w+=-]{24,}/g;

const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, "giu");
