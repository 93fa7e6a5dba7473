import { describe, expect, it } from "vitest";
import { file, github, lanyard, lanyardWith, read, sentence, shown, textAt, workspace } from "../support.ts";

const issuesOf = (entry: unknown, env = {}): readonly string[] => {
  const text = file({ github: entry });
  return shown(text, read(text, { env }).issues);
};

describe("a connector", () => {
  it("is an entry with userAuth, with everything it needs and where it stands", () => {
    const text = file({ github });
    const { connectors, broken, others, issues } = read(text);
    expect(connectors).toEqual([
      {
        id: '["workspace","/work/acme/.mcp.json","/work/acme","github"]',
        name: "github",
        transport: "http",
        url: "https://mcp.github.example/mcp",
        userAuth: { issuer: "https://idp.example.com", clientId: "lanyard", scopes: ["openid", "profile"] },
        credential: { source: "token-exchange", resource: "https://mcp.github.example/mcp" },
        helper: { kind: "lanyard" },
        helperCommand: lanyard,
        guarded: ["Authorization"],
        origin: workspace,
        place: { file: "/work/acme/.mcp.json", line: 2, column: 4, endLine: 2, endColumn: 12 },
      },
    ]);
    expect({ broken, others, issues }).toEqual({ broken: [], others: [], issues: [] });
  });

  it("survives a trip through JSON: an approval can be bound to it", () => {
    const { connectors } = read(file({ github }));
    expect(JSON.parse(JSON.stringify(connectors))).toEqual(connectors);
  });

  it("is nothing without userAuth, however strange", () => {
    const { connectors, broken, issues, others } = read(
      file({
        files: { command: "npx", args: ["files"] },
        odd: 5,
        none: null,
        http: { type: "http", url: "ftp://${X}" },
      }),
    );
    expect({ connectors, broken, issues }).toEqual({ connectors: [], broken: [], issues: [] });
    expect(others.map(({ name }) => name)).toEqual(["files", "http"]);
  });

  it("may have keys that we do not know, and stand beside others", () => {
    const entry = {
      ...github,
      timeout: 5,
      userAuth: { ...github.userAuth, colour: "red", __proto__: null },
    };
    const { connectors, issues } = read({ $schema: "x", inputs: [], mcpServers: { github: entry } });
    expect(issues).toEqual([]);
    expect(connectors[0]?.userAuth).toEqual(read(file({ github })).connectors[0]?.userAuth);
  });

  it.each([
    ["http", "http", "https://a.example"],
    ["streamable-http", "http", "https://a.example"],
    ["sse", "sse", "https://a.example"],
    ["ws", "ws", "wss://a.example"],
    ["http", "http", "http://127.0.0.1:8080/mcp"],
    ["http", "http", "http://[::1]:8080/mcp"],
    ["ws", "ws", "ws://localhost:8080"],
  ])("of type %s is reached by %s at %s", (type, transport, url) => {
    const { connectors, issues } = read(file({ github: { ...github, type, url } }));
    expect(issues).toEqual([]);
    expect(connectors[0]).toMatchObject({ transport, url });
  });

  it.each([
    [undefined, ["openid"]],
    ["", ["openid"]],
    ["  openid\temail openid ", ["openid", "email"]],
    [
      ["openid", "email offline_access"],
      ["openid", "email", "offline_access"],
    ],
  ])("written with the scopes %j asks for %j", (scopes, expected) => {
    const { connectors } = read(file({ github: { ...github, userAuth: { ...github.userAuth, scopes } } }));
    expect(connectors[0]?.userAuth.scopes).toEqual(expected);
  });

  it("gets its credential from the team's script when headersHelper names one", () => {
    const headersHelper = lanyardWith("./scripts/sentry.sh");
    const { connectors, issues } = read(file({ github: { ...github, headersHelper } }));
    expect(issues).toEqual([]);
    expect(connectors[0]).toMatchObject({
      credential: { source: "script" },
      helper: { kind: "script", command: "./scripts/sentry.sh", stdin: false },
    });
  });

  it("gets it from where `credential` says, when it says so", () => {
    const credential = { source: "token-exchange", resource: "https://mcp.github.example" };
    const { connectors } = read(
      file({ github: { ...github, userAuth: { ...github.userAuth, credential } } }),
    );
    expect(connectors[0]?.credential).toEqual(credential);
  });

  it("has the issuer exactly as it is written", () => {
    const userAuth = { ...github.userAuth, issuer: "https://idp.example.com:443/tenant/" };
    const { connectors } = read(file({ github: { ...github, userAuth } }));
    expect(connectors[0]?.userAuth.issuer).toBe("https://idp.example.com:443/tenant/");
  });

  it("has its variables expanded in url and throughout userAuth, and nowhere else", () => {
    const entry = {
      ...github,
      url: "${MCP:-https://mcp.example.com}/github",
      userAuth: {
        issuer: "${IDP}",
        clientId: "${IDP_CLIENT_ID:-lanyard}",
        scopes: ["openid", "${EXTRA}"],
        credential: { source: "token-exchange", resource: "${IDP}/github" },
      },
    };
    const env = { IDP: "https://idp.example.com", EXTRA: "profile", HOME: "/home/ada" };
    expect(read(file({ github: entry }), { env }).connectors[0]).toMatchObject({
      url: "https://mcp.example.com/github",
      userAuth: { issuer: "https://idp.example.com", clientId: "lanyard", scopes: ["openid", "profile"] },
      credential: { source: "token-exchange", resource: "https://idp.example.com/github" },
      helperCommand: lanyard,
    });
  });
});

describe("an error in one entry", () => {
  it("breaks that entry alone", () => {
    const bad = { ...github, userAuth: { clientId: "lanyard" } };
    const text = file({ github, bad, linear: github });
    const { connectors, broken, issues } = read(text);
    expect(connectors.map(({ name }) => name)).toEqual(["github", "linear"]);
    expect(broken).toMatchObject([{ name: "bad", issues }]);
    expect(issues[0]?.connector).toBe(broken[0]?.id);
    expect(broken.map(({ place }) => textAt(text, place))).toEqual(['"bad"']);
  });

  it("stands beside the entry's other errors, in the order of the file", () => {
    expect(issuesOf({ ...github, url: "nowhere", userAuth: { issuer: 5, clientId: "" } })).toEqual([
      'error invalidUrl at "nowhere": "url" is not a URL: nowhere. Write it in full, beginning with https://.',
      'error wrongType at 5: "userAuth.issuer" has to be text in double quotes.',
      'error missing at "": "userAuth.clientId" is empty. Fill it in, or remove it if it is optional.',
    ]);
  });

  it("an entry that is nested too deeply", () => {
    const deep = '{"a":'.repeat(50_000) + "1" + "}".repeat(50_000);
    const text = `{"mcpServers":{"github":{"userAuth":${deep}}}}`;
    expect(shown(text, read(text).issues)).toEqual([
      'error syntax at "github": This is nested too deeply to be read.',
    ]);
  });
});

describe("a variable that is not set", () => {
  it("is an error at the variable itself, behind escapes too, and no other error comes of it", () => {
    const text = file({ github }).replace(
      "https://idp.example.com",
      String.raw`https:\/\/${"${TENANT}"}.example.com`,
    );
    expect(shown(text, read(text).issues)).toEqual([
      "error unsetVariable at ${TENANT}: The environment variable TENANT is not set. Set it and restart the editor, or write a default: ${TENANT:-default}.",
    ]);
    expect(read(text).broken).toHaveLength(1);
  });

  it("is not reported where nothing is expanded", () => {
    expect(read(file({ github: { ...github, note: "${NOPE}" } }), { env: {} }).issues).toEqual([]);
  });

  it("inside another's default is an error too", () => {
    expect(issuesOf({ ...github, url: "${MCP:-${OTHER}}" }, { OTHER: "x" })).toEqual([
      expect.stringContaining(
        "error unsetVariable at ${MCP:-${OTHER}: The environment variable MCP is not set",
      ),
    ]);
  });

  it("is never shown with what it was set to", () => {
    const env = { A: "http://hunter2.example", B: "hunter2" };
    const entry = {
      type: "${B}",
      url: "${A}/x",
      userAuth: { issuer: "${A}", clientId: "${A}", resource: "${B}", credential: { source: "${B}" } },
    };
    const text = file({ github: entry });
    const { issues, broken } = read(text, { env });
    expect(issues.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["insecureUrl", "insecureIssuer", "invalidUrl", "unknownSource"]),
    );
    expect(JSON.stringify([issues, broken])).not.toContain("hunter2");
  });
});

describe("a warning leaves the connector usable", () => {
  it("when a token is written into the file", () => {
    const text = file({ github: { ...github, headers: { authorization: "Bearer hunter2" } } });
    const { connectors, issues } = read(text);
    expect(connectors).toHaveLength(1);
    expect(shown(text, issues)).toEqual([
      expect.stringMatching(
        /^warning literalToken at "Bearer hunter2": This Authorization header is written/,
      ),
    ]);
    expect(issues.map(sentence).join()).not.toContain("hunter2");
  });

  it.each([
    ["Bearer ${TOKEN}", false],
    ["${TOKEN}", false],
    ["Basic ${USER}${PASSWORD}", false],
    ["", false],
    ["Bearer ${TOKEN:-hunter2}", true],
    ["Bearer hunter2${TOKEN}", true],
    ["hunter2", true],
  ])("and for %j that is %s", (Authorization, literal) => {
    const { issues } = read(file({ github: { ...github, headers: { Authorization } } }));
    expect(issues.map(({ code }) => code)).toEqual([literal ? "literalToken" : "guardMissing"]);
  });

  /** Under the entry's source, what stands in `headers`, and the warnings with what they underline. */
  const apiKey = { source: "api-key", url: "https://vault.example/" };
  const twoHeaders = {
    ...{ source: "vault-lookup", url: "https://vault.example/" },
    headers: { Authorization: "Bearer {credential}", "X-User": "{subject}" },
  };
  const unsent = "No.\nSign in.";
  const guards: readonly (readonly [object | undefined, object | undefined, readonly string[]])[] = [
    [undefined, undefined, ['guardMissing at "github"']],
    [undefined, {}, ["guardMissing at {}"]],
    [undefined, { Authorization: unsent }, []],
    [undefined, { Authorization: "No.\r\nSign in." }, []],
    [undefined, { Authorization: "No.\u0000Sign in." }, []],
    [undefined, { Authorization: "No ${WHO}\n${WHERE} in." }, []],
    [undefined, { authorization: unsent }, ['guardWrongCase at "authorization"']],
    [undefined, { Authorization: unsent, authorization: unsent }, ['guardWrongCase at "authorization"']],
    [undefined, { Authorization: unsent, "X-Other": unsent }, ['guardBlocks at "X-Other"']],
    [undefined, { Authorization: unsent, "X-Team": "web", "X-Empty": "" }, []],
    ...[
      "No credential.\n",
      "\nNone",
      "No\tcredential",
      "Ohne Schlüssel",
      "Nothing — here",
      "No\u007f",
      "\u0001",
      "No credential. Sign in first.",
      "No ${X:-a\nb} credential",
    ].map(
      (value) => [undefined, { Authorization: value }, [`guardSent at ${JSON.stringify(value)}`]] as const,
    ),
    [apiKey, { "X-API-Key": unsent }, []],
    [
      apiKey,
      { Authorization: unsent },
      ['guardMissing at {"Authorization":"No.\\nSign in."}', 'guardBlocks at "Authorization"'],
    ],
    [{ ...apiKey, header: "X-Key" }, { "X-Key": unsent }, []],
    [{ ...apiKey, header: "${KEY:-X-Key}" }, { "X-Key": unsent }, []],
    [twoHeaders, { Authorization: unsent }, ['guardMissing at {"Authorization":"No.\\nSign in."}']],
    [twoHeaders, { Authorization: unsent, "X-User": unsent }, []],
  ];
  it.each(guards)("when its guard is amiss: source %j, headers %j", (credential, headers, expected) => {
    const userAuth = { ...github.userAuth, ...(credential === undefined ? {} : { credential }) };
    const text = JSON.stringify({ mcpServers: { github: { ...github, userAuth, headers } } });
    const { connectors, issues } = read(text);
    expect(connectors).toHaveLength(1);
    const at = ({ code, place }: (typeof issues)[number]): string =>
      `${code} at ${place === undefined ? "nowhere" : textAt(text, place)}`;
    expect(issues.map(at).sort()).toEqual([...expected].sort());
  });

  it("but not where a script sets another header, under which the guard stands", () => {
    const entry = { ...github, headersHelper: lanyardWith("./get.sh") };
    const guarded = (headers: unknown): readonly string[] =>
      read(file({ github: { ...entry, headers } })).issues.map(({ code }) => code);
    expect(guarded({ "X-API-Key": unsent })).toEqual([]);
    expect(guarded({ "X-API-Key": unsent, "X-Other": unsent })).toEqual([]);
    expect(guarded({ "X-API-Key": "none" })).toEqual(["guardMissing"]);
  });

  it("and a refusal names every header that may have a guard", () => {
    const headers = { Authorization: unsent, "X-Key": unsent };
    expect(read(file({ github: { ...github, headers } })).connectors[0]?.guarded).toEqual([
      "Authorization",
      "X-Key",
    ]);
    const broken = { ...github, url: "nowhere", userAuth: { ...github.userAuth, credential: apiKey } };
    expect(read(file({ github: broken })).broken[0]?.guarded).toEqual(["X-API-Key", "Authorization"]);
  });

  it("when Claude Code has no command by which to ask Lanyard", () => {
    const text = file({ github: { ...github, headersHelper: undefined } });
    const { connectors, issues } = read(text);
    expect(connectors).toMatchObject([{ helper: { kind: "absent" } }]);
    expect(connectors[0]).not.toHaveProperty("helperCommand");
    expect(shown(text, issues)).toEqual([
      expect.stringMatching(
        /^warning helperMissing at "github": Without "headersHelper", Claude Code does not ask/,
      ),
    ]);
  });

  it("when the command is another's", () => {
    const text = file({ github: { ...github, headersHelper: "./headers.sh" } });
    const { connectors, issues } = read(text);
    expect(connectors).toMatchObject([{ helper: { kind: "foreign", command: "./headers.sh" } }]);
    expect(shown(text, issues)).toEqual([
      expect.stringMatching(
        /^warning helperMissing at "\.\/headers\.sh": This command is not lanyard headers/,
      ),
    ]);
  });
});
