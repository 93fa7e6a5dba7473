#!/bin/sh
# Fetches an API key that the vault keeps for this connector, with the user's token as bearer, and prints its header.
# Fork it: set VAULT_URL, the field of the reply and the header that the connector wants. Needs sh and curl.
#
#   GET $VAULT_URL?connector=NAME   ->   200 {"api_key": "..."}
#
# Exit 0: headers on stdout. Else: one line of JSON on stderr that says why (docs/team-scripts.md).
set -u
url=${VAULT_URL:-https://vault.example.com/api-keys}
field=${VAULT_FIELD:-api_key}
header=${VAULT_HEADER:-X-API-Key}

fail() {
  printf '{"error":"%s","error_description":"%s"}\n' "$1" "$2" >&2
  exit 1
}

# The text of one member of a flat JSON object. With jq at hand: jq -r --arg f "$1" '.[$f] // empty'
member() {
  printf '%s' "$body" | tr -d '\r\n' | sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"\\]*\)".*/\1/p'
}

token=${CLAUDE_CODE_MCP_USER_TOKEN:-}
name=${CLAUDE_CODE_MCP_SERVER_NAME:-}
case $token in
  '') fail invalid_token 'CLAUDE_CODE_MCP_USER_TOKEN is not set.' ;;
  *[!A-Za-z0-9._~+/=-]*) fail invalid_token 'CLAUDE_CODE_MCP_USER_TOKEN is not a bearer token.' ;;
esac
case $name in
  '' | *[!A-Za-z0-9._-]*) fail invalid_client 'CLAUDE_CODE_MCP_SERVER_NAME is not a plain name.' ;;
esac
case $url in
  https://* | http://127.0.0.1:* | http://localhost:*) ;;
  *) fail invalid_client 'VAULT_URL is not https.' ;;
esac

# The token goes through stdin: arguments are visible to every process of the machine. Redirects are not followed.
answer=$(
  printf 'header = "Authorization: Bearer %s"\nget\ndata-urlencode = "connector=%s"\n' "$token" "$name" |
    curl -q --config - --silent --max-time 7 --max-filesize 1048576 --header 'Accept: application/json' \
      --write-out '\n%{http_code}' --url "$url"
) || fail temporarily_unavailable 'The vault cannot be reached.'
status=${answer##*
}
body=${answer%
*}

case $status in
  2??)
    key=$(member "$field")
    case $key in
      '' | *[!\ -~]*) fail unusable_reply 'The vault sent no key that can be used.' ;;
    esac
    printf '{"%s":"%s"}\n' "$header" "$key"
    exit 0
    ;;
esac

# The vault's own reason, where it speaks as docs/facade.md says; else what its status means.
if [ -n "$(member error)" ]; then
  printf '%s' "$body" | tr -d '\r\n' >&2
  printf '\n' >&2
  exit 1
fi
case $status in
  401) fail invalid_token 'The vault does not accept the sign-in.' ;;
  403) fail access_denied 'The vault refuses access.' ;;
  429 | 5??) fail temporarily_unavailable "The vault answered $status." ;;
  *) fail unusable_reply "The vault answered $status." ;;
esac
