#!/bin/sh
# Asks the company's vault for this connector's credential, with the user's token as bearer, and prints its headers.
# Fork it: set VAULT_URL, and the field of the reply if yours is called otherwise. Needs sh and curl.
#
#   GET $VAULT_URL?connector=NAME   ->   200 {"access_token": "..."}
#
# Exit 0: headers on stdout. Else: one line of JSON on stderr that says why (docs/team-scripts.md).
set -u
url=${VAULT_URL:-https://vault.example.com/credentials}
field=${VAULT_FIELD:-access_token}

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
    credential=$(member "$field")
    case $credential in
      '' | *[!\ -~]*) fail unusable_reply 'The vault sent no credential that can be used.' ;;
    esac
    printf '{"Authorization":"Bearer %s"}\n' "$credential"
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
