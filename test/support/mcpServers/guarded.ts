/** What an MCP server demands of a token: RFC 9068, the checks that FastMCP and the TypeScript SDK leave to their users. */
export interface TokenChecks {
  readonly issuer: string;
  readonly jwksUri: string;
  /** What has to stand in the token's `aud`. */
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** A server of the Model Context Protocol with one tool, `whoami`, that says `sub` and `aud` of the token as JSON. */
export interface GuardedServer extends AsyncDisposable {
  readonly name: string;
  /** Over Streamable HTTP. */
  readonly url: string;
}
