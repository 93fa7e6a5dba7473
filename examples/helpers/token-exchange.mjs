#!/usr/bin/env node
// Exchanges the user's token for one for this connector (RFC 8693) and prints the connector's headers.
// Fork it: set EXCHANGE_URL and CLIENT_ID. Needs Node 18 or later, no packages.
//
// Exit 0: headers on stdout. Else: one line of JSON on stderr that says why (docs/team-scripts.md).

const {
  CLAUDE_CODE_MCP_USER_TOKEN: token = "",
  CLAUDE_CODE_MCP_SERVER_URL: resource = "",
  EXCHANGE_URL = "https://idp.example.com/token",
  CLIENT_ID = "lanyard",
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

const exchange = async () => {
  try {
    const response = await fetch(EXCHANGE_URL, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        client_id: CLIENT_ID,
        subject_token: token,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
        resource,
      }),
      redirect: "error",
      signal: AbortSignal.timeout(7000),
    });
    return { ok: response.ok, status: response.status, body: parsed(await bodyOf(response)) };
  } catch {
    return fail("temporarily_unavailable", "The token endpoint cannot be reached.");
  }
};

if (!/^[\w.~+/=-]+$/.test(token))
  fail("invalid_token", "CLAUDE_CODE_MCP_USER_TOKEN is not set, or is no bearer token.");
if (!URL.canParse(resource)) fail("invalid_client", "CLAUDE_CODE_MCP_SERVER_URL is not a URL.");
if (!/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost):)/.test(EXCHANGE_URL)) {
  fail("invalid_client", "EXCHANGE_URL is not https.");
}

const { ok, status, body } = await exchange();
const credential = body?.access_token;
if (ok && typeof credential === "string" && /^[\x21-\x7e]+$/.test(credential)) {
  console.log(JSON.stringify({ Authorization: `Bearer ${credential}` }));
} else if (!ok && typeof body?.error === "string") {
  // The server's own reason (RFC 6749, section 5.2, and docs/facade.md).
  console.error(JSON.stringify(body));
  process.exitCode = 1;
} else {
  fail(ok ? "unusable_reply" : meaning(status), `The token endpoint answered ${status} without a token.`);
}
