import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withoutStripped } from "../../../../../src/core/credentials/script/strippedVariables.ts";

/** Each name and value was given to Claude Code 2.1.332, with a helper that prints the names it got. */
const leftOf = (variables: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(withoutStripped(variables));

const stripped =
  "MY_TOKEN TOKEN my_token My_Key KEY_ID A_KEY_B GITHUB_PAT PAT SECRET SECRETS PASSWORD PASSWD PASSPHRASE MY_PASSPHRASE AUTH CREDENTIAL MY_CREDENTIAL CREDENTIALS COOKIE npm_config__auth ANTHROPIC_API_KEY OPENAI_APIKEY PGPASSWORD MYSQL_PWD CONNECTION_STRING DSN SENTRY_DSN MY_PRIVATE_KEY APIKEY CLAUDE_CODE_MCP_USER_TOKEN CLAUDE_CODE_MCP_USER_TOKEN_ISSUER SSH_AUTH_SOCK NODE_AUTH_TOKEN MY_JWT MY_PASS TOKEN2 MY__TOKEN _TOKEN_ KEYS MY_KEYS VAULT_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY GOOGLE_APPLICATION_CREDENTIALS SSH_KEY_PATH TOKEN_PATH CONNSTR AZURE_STORAGE_CONNECTION_STRING WEBHOOK_URL SLACK_WEBHOOK DB_PWD DB_PASS my_dsn APITOKEN MYSECRET ACCESSKEY MY_ACCESSKEY MYPASSWORD MY_CREDS CREDS PAT_X KEY1 apiKey myToken MY_CONNECT_STRINGS CONNSTR9 XCONNSTR SECRETS3 CREDENTIALS_FILE SIGNINGKEY MY_PASS2 PASSWORDS AUTH2 DSN1 SSHPASS MY__PWD";

const kept =
  "MONKEY MONKEYS TOKENS AUTHORIZATION COOKIES COOKIEJAR BEARER MY_BEARER SESSION XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS database_url REDIS_URL MY_DATABASE_URL MONGODB_URI POSTGRES_URL PRIVATE CERT MY_CERT SIGNATURE JWT JWT_X PASS COMPASS MY_PASSES PGPASS SSH_AGENT_PID PATH LANYARD_HOME LANYARD_DEADLINE_SECONDS IDP_CLIENT_ID AWS_PROFILE VAULT_ADDR KEYCLOAK_URL KRB5CCNAME XAUTHORITY GPG_TTY SALT OTP LICENSE MYDSN AUTHX OAUTH MY_OAUTH PGPASSFILE SECRETX SECRETARY PASSWORDX CRED MY_CRED PATS MYKEY MYAPIKEY MYCREDENTIAL CONNSTRX MY_KEYSX WEBHOOKS PASSPHRASES GIT_ASKPASS SSH_ASKPASS OLDPWD PWD GIT_CONFIG_KEY_0 GIT_CONFIG_COUNT GIT_CONFIG_KEYX XDG_RUNTIME_DIR NODE_OPTIONS";

describe("of a project's helper, Claude Code keeps back", () => {
  test.each(stripped.split(" "))("%s", (name) => expect(leftOf({ [name]: "v" })).toEqual([]));

  test.each([
    ["DATABASE_URL", "postgres://u:p@h/d"],
    ["REDIS_URL", "redis://:p@h"],
    ["HTTPS_PROXY_X", "http://u:p@h"],
    ["NOTES", "see_https://u:p@h"],
    ["ODD", "a://b@c:d@e"],
    ["EMPTY", "https://u:@h"],
  ])("%s with a password in its value: %s", (name, value) => expect(leftOf({ [name]: value })).toEqual([]));
});

describe("it gives", () => {
  test.each(kept.split(" "))("%s", (name) => expect(leftOf({ [name]: "v" })).toEqual([name]));

  test.each([
    ["PLAIN", "https://tok@h/"],
    ["HTTPS_PROXY", "http://u:p@h"],
    ["http_proxy", "http://u:p@h"],
    ["ALL_PROXY", "http://u:p@h"],
  ])("%s with the value %s", (name, value) => expect(leftOf({ [name]: value })).toEqual([name]));
});

test.each(["vault-lookup", "token-exchange", "api-key"])(
  "what sets the example %s reaches it in a project",
  (example) => {
    const script = readFileSync(
      new URL(`../../../../../examples/helpers/${example}.sh`, import.meta.url),
      "utf8",
    );
    const names = [...script.matchAll(/^[a-z_]+=\$\{([A-Z_]+):?-/gm)].map(([, name = ""]) => name);
    const own = names.filter((name) => !name.startsWith("CLAUDE_CODE_MCP_"));
    expect(own.length).toBeGreaterThan(0);
    expect(leftOf(Object.fromEntries(own.map((name) => [name, "v"])))).toEqual(own);
  },
);
