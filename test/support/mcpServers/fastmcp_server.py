"""An MCP server that takes only what its authorization server issued for it. Arguments: port, and what it checks as JSON."""

import json
import sys

from fastmcp import FastMCP
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.jwt import JWTVerifier
from fastmcp.server.dependencies import get_access_token

port, checks = int(sys.argv[1]), json.loads(sys.argv[2])
verifier = JWTVerifier(
    jwks_uri=checks["jwksUri"],
    issuer=checks["issuer"],
    audience=checks["audience"],
    required_scopes=checks["scopes"],
)
auth = RemoteAuthProvider(
    token_verifier=verifier,
    authorization_servers=[checks["issuer"]],
    base_url=f"http://127.0.0.1:{port}",
)
mcp = FastMCP("fastmcp", auth=auth)


@mcp.tool
def whoami() -> dict[str, object]:
    """Says for whom the token was issued."""
    token = get_access_token()
    return {name: token.claims.get(name) for name in ("sub", "aud")} if token else {}


mcp.run(transport="http", host="127.0.0.1", port=port, path="/mcp", show_banner=False)
