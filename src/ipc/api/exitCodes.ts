/** What the helper exits with when a person or a script calls it. Documented, and so never renumbered. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  notRunning: 3,
  signedOut: 4,
  needsConnection: 5,
  stepUp: 6,
  pending: 7,
  denied: 8,
  /** Unknown connector, another URL, not approved, not trusted, or an entry with errors. */
  misconfigured: 9,
  unavailable: 10,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One line each, for `--help` and the docs. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "it worked",
  internal: "a fault of Lanyard's own; its log says more",
  usage: "the command line is wrong",
  notRunning: "Lanyard is not running or does not answer",
  signedOut: "nobody is signed in",
  needsConnection: "the person has to authorize the connector once",
  stepUp: "a stronger sign-in is required",
  pending: "an approval is awaited",
  denied: "denied, with the reason",
  misconfigured: "unknown connector, another URL, not approved, or an entry with errors",
  unavailable: "the identity provider or vault cannot be reached",
};
