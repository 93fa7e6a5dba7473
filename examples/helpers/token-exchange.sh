#!/bin/sh
# Exchanges the user's token for one for this connector (RFC 8693) and prints the connector's headers.
# Fork it: set EXCHANGE_URL and CLIENT_ID. Needs sh and curl.
#
# Exit 0: headers on stdout. Else: one line of JSON on stderr that says why (docs/team-scripts.md).
set -u
url=${EXCHANGE_URL:-https://idp.example.com/token}
client=${CLIENT_ID:-lanyard}

fail() {
  printf '{"error":"%s","error_description":"%s"}\n' "$1" "$2" >&2
  exit 1
}

# The text of one member of a flat JSON object. With jq at hand: jq -r --arg f "$1" '.[$f] // empty'
member() {
  printf '%s' "$body" | tr -d '\r\n' | sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"\\]*\)".*/\1/p'
}

token=${CLAUDE_CODE_MCP_USER_TOKEN:-}
resource=${CLAUDE_CODE_MCP_SERVER_URL:-}
case $token in
  '') fail invalid_token 'CLAUDE_CODE_MCP_USER_TOKEN is not set.' ;;
  *[!A-Za-z0-9._~+/=-]*) fail invalid_token 'CLAUDE_CODE_MCP_USER_TOKEN is not a bearer token.' ;;
esac
case $resource in
  '' | *[\"\\[:cntrl:]]*) fail invalid_client 'CLAUDE_CODE_MCP_SERVER_URL is not a URL.' ;;
esac
case $url in
  https://* | http://127.0.0.1:* | http://localhost:*) ;;
  *) fail invalid_client 'EXCHANGE_URL is not https.' ;;
esac

form() {
  printf 'data-urlencode = "%s=%s"\n' \
    grant_type urn:ietf:params:oauth:grant-type:token-exchange \
    client_id "$client" \
    subject_token "$token" \
    subject_token_type urn:ietf:params:oauth:token-type:access_token \
    resource "$resource"
}

# The token goes through stdin: arguments are visible to every process of the machine. Redirects are not followed.
answer=$(
  form | curl -q --config - --silent --max-time 7 --max-filesize 1048576 --header 'Accept: application/json' \
    --write-out '\n%{http_code}' --url "$url"
) || fail temporarily_unavailable 'The token endpoint cannot be reached.'
status=${answer##*
}
body=${answer%
*}

case $status in
  2??)
    credential=$(member access_token)
    case $credential in
      '' | *[!\ -~]*) fail unusable_reply 'The token endpoint sent no token that can be used.' ;;
    esac
    printf '{"Authorization":"Bearer %s"}\n' "$credential"
    exit 0
    ;;
esac

# The server's own reason (RFC 6749, section 5.2, and docs/facade.md); else what its status means.
if [ -n "$(member error)" ]; then
  printf '%s' "$body" | tr -d '\r\n' >&2
  printf '\n' >&2
  exit 1
fi
case $status in
  401) fail invalid_token 'The token endpoint does not accept the sign-in.' ;;
  403) fail access_denied 'The token endpoint refuses access.' ;;
  429 | 5??) fail temporarily_unavailable "The token endpoint answered $status." ;;
  *) fail unusable_reply "The token endpoint answered $status." ;;
esac
