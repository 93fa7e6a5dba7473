import { describe, expect, it } from "vitest";
import { file, github, read, shown } from "../support.ts";

/** The issues of one server, `github` with `change` made to it. */
const issuesOf = (change: (entry: typeof github) => unknown, env = {}): readonly string[] => {
  const text = file({ github: change(github) });
  return shown(text, read(text, { env }).issues);
};

describe("each thing that can be wrong is said at its place", () => {
  const withAuth = (change: object) => (entry: typeof github) => ({
    ...entry,
    userAuth: { ...entry.userAuth, ...change },
  });

  it.each<[string, (entry: typeof github) => unknown, string]>([
    [
      "a missing issuer",
      withAuth({ issuer: undefined }),
      'error missing at "userAuth": "userAuth.issuer" is missing. Add the https URL of your identity provider.',
    ],
    [
      "a missing client",
      withAuth({ clientId: undefined }),
      'error missing at "userAuth": "userAuth.clientId" is missing. Add the client ID under which your identity provider knows Lanyard.',
    ],
    [
      "a missing url",
      (entry) => ({ ...entry, url: undefined }),
      'error missing at "github": "url" is missing. Add the URL of the MCP server.',
    ],
    [
      "a missing type",
      (entry) => ({ ...entry, type: undefined }),
      'error missing at "github": "type" is missing. Without "type": "http", Claude Code takes this server for a command to start.',
    ],
    [
      "a type that userAuth cannot work with",
      (entry) => ({ ...entry, type: "stdio" }),
      'error wrongType at "stdio": "type" has to be one of: http, streamable-http, sse, ws.',
    ],
    [
      "userAuth of the wrong type",
      (entry) => ({ ...entry, userAuth: "https://idp.example.com" }),
      'error wrongType at "https://idp.example.com": "userAuth" has to be an object in braces { }.',
    ],
    [
      "an issuer of the wrong type",
      withAuth({ issuer: null }),
      'error wrongType at null: "userAuth.issuer" has to be text in double quotes.',
    ],
    [
      "scopes of the wrong type",
      withAuth({ scopes: 5 }),
      'error wrongType at 5: "userAuth.scopes" has to be text in double quotes.',
    ],
    [
      "a helper of the wrong type",
      (entry) => ({ ...entry, headersHelper: ["lanyard", "headers"] }),
      '"headersHelper" has to be text in double quotes.',
    ],
    [
      "an issuer that is no URL",
      withAuth({ issuer: "idp.example.com" }),
      'error invalidUrl at "idp.example.com": "userAuth.issuer" is not a URL: idp.example.com. Write it in full, beginning with https://.',
    ],
    [
      "an issuer over http",
      withAuth({ issuer: "http://idp.example.com" }),
      'error insecureIssuer at "http://idp.example.com": "userAuth.issuer" begins with http: http://idp.example.com. An identity provider is only trusted over https, or on this machine.',
    ],
    [
      "an issuer that looks like this machine and is not",
      withAuth({ issuer: "http://127.0.0.1.example.com" }),
      "error insecureIssuer at",
    ],
    [
      "an issuer with a query",
      withAuth({ issuer: "https://idp.example.com/?tenant=acme" }),
      'error invalidUrl at "https://idp.example.com/?tenant=acme": "userAuth.issuer" must not have a ? or # part.',
    ],
    [
      "a server over http",
      (entry) => ({ ...entry, url: "http://mcp.example.com/mcp?key=hunter2" }),
      ': "url" begins with http or ws: http://mcp.example.com/mcp. A credential is only sent over https (or wss), or to this machine.',
    ],
    [
      "a server of another protocol",
      (entry) => ({ ...entry, url: "ftp://mcp.example.com" }),
      'error invalidUrl at "ftp://mcp.example.com"',
    ],
    [
      "a password in a URL",
      (entry) => ({ ...entry, url: "https://ada:hunter2@mcp.example.com" }),
      ': "url" holds a user name or a password. Remove it from the URL.',
    ],
    [
      "a password in what is no web URL: it is not shown",
      (entry) => ({ ...entry, url: "ftp://ada:hunter2@mcp.example.com" }),
      ': "url" is not a URL: ftp://mcp.example.com. Write',
    ],
    [
      "one scope of the wrong type",
      withAuth({ scopes: ["openid", 5] }),
      'error wrongType at 5: "userAuth.scopes[1]" has to be text in double quotes.',
    ],
    [
      "a rule of a credential source, in its own words",
      withAuth({ credential: { source: "token-exchange", headers: { Host: "{credential}" } } }),
      "One of these names is no header name, or belongs to the transport and may not be set.",
    ],
    ...[
      "https://127.0.0.1/cb",
      "http://idp.example.com/cb",
      "http://localhost:0/cb",
      "http://a@localhost/cb",
      "http://localhost/cb#x",
      "vscode://x/cb",
    ].map((redirectUri): [string, (entry: typeof github) => unknown, string] => [
      `the redirect ${redirectUri}`,
      withAuth({ redirectUri }),
      '"userAuth.redirectUri" is not a redirect to this machine: ',
    ]),
    [
      "a resource that is none",
      withAuth({ resource: "github" }),
      'error invalidUrl at "github": "userAuth.resource" is not a resource that can be asked for: github.',
    ],
    [
      "a credential without a source",
      withAuth({ credential: {} }),
      'error missing at "credential": "source" is missing. Choose where the credential comes from, one of: token-exchange, ',
    ],
    [
      "a credential source that there is not",
      withAuth({ credential: { source: "magic" } }),
      'error unknownSource at "magic": There is no credential source "magic". Choose one of: token-exchange, ',
    ],
    [
      "a credential of the wrong type",
      withAuth({ credential: "token-exchange" }),
      'error wrongType at "token-exchange": "userAuth.credential" has to be an object in braces { }.',
    ],
    [
      "a source that is not script beside a script",
      (entry) => ({
        ...withAuth({ credential: { source: "token-exchange" } })(entry),
        headersHelper: "lanyard headers -- ./sentry.sh",
      }),
      'error contradiction at "token-exchange": headersHelper lets a script make the headers, but the credential source is "token-exchange".',
    ],
    [
      "the source script without a script",
      withAuth({ credential: { source: "script" } }),
      'error contradiction at "script": The credential source is "script", but headersHelper names none.',
    ],
    [
      "a script that is not there",
      (entry) => ({ ...entry, headersHelper: "lanyard headers --" }),
      'error missing at "lanyard headers --": No command follows -- in headersHelper.',
    ],
  ])("%s", (_case, change, expected) => {
    const found = issuesOf(change);
    expect(found.filter((issue) => issue.startsWith("error"))).toHaveLength(1);
    expect(found.join("\n")).toContain(expected);
  });
});
