#!/usr/bin/env node
// Fetches an API key that the vault keeps for this connector, with the user's token as bearer, and prints its header.
// Fork it: set VAULT_URL, the field of the reply and the header that the connector wants. Needs Node 18 or later.
//
//   GET $VAULT_URL?connector=NAME   ->   200 {"api_key": "..."}
//
// Exit 0: headers on stdout. Else: one line of JSON on stderr that says why (docs/team-scripts.md).

const {
  CLAUDE_CODE_MCP_USER_TOKEN: token = "",
  CLAUDE_CODE_MCP_SERVER_NAME: name = "",
  VAULT_URL = "https://vault.example.com/api-keys",
  VAULT_FIELD: field = "api_key",
  VAULT_HEADER: header = "X-API-Key",
} = process.env;

const fail = (error, description) => {
  console.error(JSON.stringify({ error, error_description: description }));
  process.exit(1);
};

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const meaning = (status) => {
  if (status === 401) return "invalid_token";
  if (status === 403) return "access_denied";
  return status === 429 || status >= 500 ? "temporarily_unavailable" : "unusable_reply";
};

/** The reply's body, of at most 1 MiB. */
const bodyOf = async (response) => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 1024 * 1024) throw new Error("too large");
  }
  return text;
};

const ask = async (url) => {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(7000),
    });
    return { ok: response.ok, status: response.status, body: parsed(await bodyOf(response)) };
  } catch {
    return fail("temporarily_unavailable", "The vault cannot be reached.");
  }
};

if (!/^[\w.~+/=-]+$/.test(token))
  fail("invalid_token", "CLAUDE_CODE_MCP_USER_TOKEN is not set, or is no bearer token.");
if (name === "") fail("invalid_client", "CLAUDE_CODE_MCP_SERVER_NAME is not set.");
if (!/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost):)/.test(VAULT_URL))
  fail("invalid_client", "VAULT_URL is not https.");

const url = new URL(VAULT_URL);
url.searchParams.set("connector", name);
const { ok, status, body } = await ask(url);
const key = body?.[field];
if (ok && typeof key === "string" && /^[\x21-\x7e]+$/.test(key)) {
  console.log(JSON.stringify({ [header]: key }));
} else if (!ok && typeof body?.error === "string") {
  // The vault's own reason, where it speaks as docs/facade.md says.
  console.error(JSON.stringify(body));
  process.exitCode = 1;
} else {
  fail(ok ? "unusable_reply" : meaning(status), `The vault answered ${status} without a key.`);
}
