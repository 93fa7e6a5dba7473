import { describe, expect, it } from "vitest";
import { fixesFor } from "../../../../../src/core/config/edits/fixes.ts";
import { approvalHash } from "../../../../../src/core/connectors/permission/approval.ts";
import { agreementOf } from "../../../../../src/core/review/agreement.ts";
import { github, read, shown, textAt, user, type Read } from "../support.ts";
import { applied } from "../edits/support.ts";

const defaults = { issuer: "https://idp.example.com", clientId: "lanyard", scopes: "openid profile" };

const fileWith = (userAuth: unknown, own: unknown = {}): string =>
  JSON.stringify({ userAuth, mcpServers: { github: { ...github, userAuth: own } } }, null, 2);

const readWith = (userAuth: unknown, own?: unknown): Read => read(fileWith(userAuth, own));

describe("an entry that builds on the userAuth beside mcpServers", () => {
  it("is the same connector as one that says all of it itself, and is approved as that", async () => {
    const [built] = readWith(defaults).connectors;
    const [whole] = read({ mcpServers: { github } }).connectors;
    if (built === undefined || whole === undefined) throw new Error("No connector");
    expect({ ...built, place: whole.place }).toEqual(whole);
    expect(await approvalHash(built)).toBe(await approvalHash(whole));
    expect(agreementOf(built).facts).toEqual(agreementOf(whole).facts);
  });

  it("has its own word where it says something", () => {
    const { connectors, issues } = readWith(defaults, { scopes: "openid crm", clientId: "other" });
    expect(issues).toEqual([]);
    expect(connectors[0]?.userAuth).toEqual({
      ...{ issuer: "https://idp.example.com", clientId: "other", scopes: ["openid", "crm"] },
    });
  });

  it("asks for approval again when what it builds on changes", async () => {
    const hashes = await Promise.all(
      [
        defaults,
        { ...defaults, issuer: "https://idp.example.org" },
        { ...defaults, resource: "https://r.example" },
      ]
        .map((each) => readWith(each).connectors[0])
        .map((connector) => (connector === undefined ? Promise.resolve("") : approvalHash(connector))),
    );
    expect(new Set(hashes).size).toBe(3);
  });

  it("shows the variables that come with it", () => {
    const text = fileWith({ ...defaults, clientId: "${IDP_CLIENT}" });
    const [connector] = read(text, { env: { IDP_CLIENT: "from-env" } }).connectors;
    expect(connector?.userAuth.clientId).toBe("from-env");
    expect(connector && agreementOf(connector).facts.variables).toBe("IDP_CLIENT");
  });

  it("is none without a userAuth of its own, be it empty", () => {
    const { userAuth: _own, headersHelper: _helper, ...plain } = github;
    const { connectors, others } = read({ userAuth: defaults, mcpServers: { github: plain } });
    expect([connectors, others.map(({ name }) => name)]).toEqual([[], ["github"]]);
  });

  it("builds on what stands beside its own mcpServers, in the user's file too", () => {
    const content = {
      userAuth: { ...defaults, clientId: "everywhere" },
      mcpServers: { a: { ...github, userAuth: {} } },
      projects: {
        "/work/acme": {
          userAuth: { ...defaults, clientId: "acme" },
          mcpServers: { b: { ...github, userAuth: {} } },
        },
      },
    };
    const { connectors } = read(content, { origin: user });
    expect(connectors.map(({ name, userAuth }) => [name, userAuth.clientId])).toEqual([
      ["a", "everywhere"],
      ["b", "acme"],
    ]);
  });
});

describe("what is wrong with it", () => {
  it("is told at its own place, once, however many entries build on it", () => {
    const bad = { ...defaults, issuer: "http://idp.example.com" };
    const text = JSON.stringify(
      { userAuth: bad, mcpServers: { a: { ...github, userAuth: {} }, b: { ...github, userAuth: {} } } },
      null,
      2,
    );
    const { broken, issues } = read(text);
    expect(broken.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(issues.map(({ code, place }) => [code, place && textAt(text, place)])).toEqual([
      ["insecureIssuer", '"http://idp.example.com"'],
    ]);
  });

  it("is a key that nobody can take over: a warning at the key, which breaks no entry", () => {
    const text = fileWith({ ...defaults, clientID: "x", url: "https://mcp.example.com" });
    const { connectors, issues } = read(text);
    expect(connectors).toHaveLength(1);
    expect(shown(text, issues)).toEqual([
      'warning wrongType at "clientID": "clientID" is nothing that entries can take over from here, so it is ignored. Check how it is spelt.',
      'warning wrongType at "url": "url" is nothing that entries can take over from here, so it is ignored. Check how it is spelt.',
    ]);
  });

  it("is that it is no object", () => {
    const { issues } = readWith("idp", github.userAuth);
    expect(issues).toMatchObject([{ code: "wrongType", args: ["userAuth"] }]);
  });

  it("is what both leave out: the entry says which line gives what", () => {
    const text = fileWith({ scopes: "openid", issuer: "https://idp.example.com" });
    const { broken, issues } = read(text);
    expect(broken).toHaveLength(1);
    expect(shown(text, issues)).toEqual([
      'error missing at "userAuth": "userAuth.clientId" is missing here, and in the "userAuth" of line 2, on which this entry builds and which gives: scopes, issuer. Add it to one of the two.',
    ]);
  });
});

describe("the proposal's form", () => {
  it("is read as it always was, also beside one to build on", () => {
    const alone = read({ mcpServers: { github } });
    const beside = read({
      mcpServers: { github },
      userAuth: { issuer: "https://other.example", credential: {} },
    });
    expect(beside.connectors).toEqual(alone.connectors.map((each) => ({ ...each })));
    expect(beside.issues).toEqual([]);
  });
});

describe("the guard of an entry", () => {
  it("stands under the header of the source that the entry takes over", () => {
    const credential = { source: "api-key", header: "X-Api-Key", url: "https://vault.example.com/key" };
    const text = JSON.stringify(
      {
        userAuth: { ...defaults, credential },
        mcpServers: { github: { ...github, headers: {}, userAuth: {} } },
      },
      null,
      2,
    );
    const issue = read(text).issues.find(({ code }) => code === "guardMissing");
    if (issue?.place === undefined) throw new Error("No issue");
    expect(issue.args).toEqual(["X-Api-Key"]);
    const offset = text.indexOf('"headers"');
    const [fix] = fixesFor(text, { code: issue.code, offset, length: 9 }, () => undefined);
    expect(read(applied(text, fix?.edits ?? [])).issues).toEqual([]);
  });
});
