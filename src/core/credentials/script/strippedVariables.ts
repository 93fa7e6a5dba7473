/** Whole words of a name, between underscores and with a number behind them or none. */
const words = [
  ...[
    "TOKEN",
    "KEY",
    "AUTH",
    "COOKIE",
    "PAT",
    "DSN",
    "WEBHOOK",
    "CREDENTIAL",
    "CREDS",
    "SSHPASS",
    "PGPASSWORD",
  ],
  ...["SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "KEYS", "SECRETS", "PASSWORDS", "CREDENTIALS"],
  ...["APIKEY", "ACCESSKEY", "SECRETKEY", "ACCOUNTKEY", "PRIVATEKEY", "AUTHKEY", "SSHKEY", "SIGNINGKEY"],
  ...["MASTERKEY", "DEPLOYKEY", "ENCRYPTIONKEY"],
];
const secretName = new RegExp(
  [
    `(?:^|_)(?:${words.join("|")})`,
    // As the last part of a longer name alone.
    "_(?:PWD|PASS|JWT)",
    // At the end of a longer word too.
    "(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CONN(?:ECT(?:ION)?)?_?STR(?:ING)?S?)",
  ]
    .map((pattern) => `${pattern}(?=$|[_0-9])`)
    .join("|"),
  "i",
);
const gitConfigKey = /^GIT_CONFIG_KEY_[0-9]/;

/** A URL with a user and a password. */
const withPassword = /:\/\/[^/\s]*:[^/\s]*@/;
const proxy = /^(?:HTTPS?|ALL)_PROXY$/i;

/**
 * Whether Claude Code keeps this variable from the helper of a project's `.mcp.json`. Measured with 2.1.332; 2.1.238 and
 * later keep back fewer: no more than TOKEN, KEY, SECRET, PASSWORD, PASSWD, PASSPHRASE, AUTH, COOKIE, PAT, DSN, CREDENTIAL
 * and CREDENTIALS between underscores.
 */
const isStripped = (name: string, value: string): boolean =>
  gitConfigKey.test(name)
    ? false
    : secretName.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2")) ||
      (withPassword.test(value) && !proxy.test(name));

type Variables = Readonly<Record<string, string | undefined>>;

/** What is left of an environment for a script of a project's entry, as Claude Code runs it. */
export const withoutStripped = (variables: Variables): Variables =>
  Object.fromEntries(
    Object.entries(variables).filter(([name, value]) => value !== undefined && !isStripped(name, value)),
  );
