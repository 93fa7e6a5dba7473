import { expect, test } from "vitest";
import { agreementOf } from "../../../../src/core/review/agreement.ts";
import { reviewContent, type ReviewRow } from "../../../../src/core/review/reviewPage.ts";
import { english } from "../../../../src/core/text.ts";
import { connectorNamed } from "../../../support/connectors.ts";

/** The page word for word: what is left out, or said of the wrong row, is agreed to unseen. */
const pageOf = (...rows: readonly ReviewRow[]): string => reviewContent(rows, english).toString();
const words = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
const classes = (html: string): readonly string[] =>
  [...html.matchAll(/<(\w+)[^>]*class="([^"]*)"/g)].map(([, tag, name]) => `${tag ?? ""}.${name ?? ""}`);

const plain = (name: string): string =>
  [
    `${name} Command that Claude Code runs lanyard headers`,
    `The credential goes to https://mcp.${name}.example.com/mcp domain: example.com`,
    "You sign in at https://idp.example.com domain: example.com",
    "Your access token goes to idp.example.com domain: example.com",
    "Client ID lanyard Scopes openid profile Transport http",
    `Credential source { &quot;source&quot;: &quot;token-exchange&quot;, &quot;resource&quot;: &quot;https://mcp.${name}.example.com&quot; }`,
    "File /work/acme/.mcp.json",
  ].join(" ");

const head =
  "Review Connectors A connector gets a credential by your sign-in only while you approve what its entry says. " +
  "Nothing is approved until you press a button here; Escape closes the page.";

test("of connectors that wait, are approved, and are held", () => {
  const html = pageOf(
    { connector: connectorNamed("one"), review: { permission: "unapproved" }, isHeld: false },
    { connector: connectorNamed("two"), review: { permission: "unapproved" }, isHeld: false },
    {
      connector: connectorNamed("kept"),
      review: { permission: "approved", approvedAtMs: 0 },
      isHeld: false,
    },
    { connector: connectorNamed("old"), review: { permission: "approved" }, isHeld: false },
    { connector: connectorNamed("held"), review: { permission: "unapproved" }, isHeld: true },
  );
  expect(words(html)).toBe(
    [
      head,
      `Waiting for your approval (2) ${plain("one")} Approve ${plain("two")} Approve`,
      "Approve all 2 that you have read",
      `Approved (2) ${plain("kept")} Take back approved on ${new Date(0).toLocaleString()} ${plain("old")} Take back`,
      `In folders that are not trusted (1) ${plain("held")} Close`,
    ].join(" "),
  );
  expect(classes(html).filter((each) => !/\.owner$/.test(each))).toEqual([
    ...["button.", "button.", "p.all", "button.secondary", "span.note", "button.secondary"],
    "button.secondary",
  ]);
});

test("of a script that has changed in every fact", () => {
  const connector = connectorNamed("crm", {
    ...{ url: "http://127.0.0.1:8080/x", transport: "sse" },
    helper: { kind: "script", command: "./get.sh", stdin: false },
    credential: { source: "id-jag", audience: "https://as.mcp.example.com", clientKey: "laptop" },
    userAuth: {
      ...{ issuer: "https://example.com", clientId: "other", scopes: ["openid"] },
      ...{ resource: "https://r.example", parameters: { audience: "a" } },
    },
    shown: {
      ...{ url: "http://127.0.0.1:8080/x", issuer: "https://example.com" },
      ...{ credential: "{\n}", variables: ["SECRET_NAME"] },
    },
  });
  const { facts: before } = agreementOf(connectorNamed("crm"));
  const html = pageOf({ connector, review: { permission: "changed", before }, isHeld: false });
  const idp = "idp.example.com domain: example.com";
  expect(words(html)).toBe(
    [
      `${head} Waiting for your approval (1) crm runs a script changed`,
      "Command that runs with your access token changed was: lanyard headers now: ./get.sh",
      "The credential goes to changed was: https://mcp.crm.example.com/mcp domain: example.com now: http://127.0.0.1:8080/x",
      `You sign in at changed was: https://${idp} now: https://example.com`,
      `Your token, or what vouches for you, goes to changed was: ${idp} now: example.com as.mcp.example.com domain: example.com`,
      "Your ID token goes to changed was: nothing now: example.com",
      "Your private key that signs (lanyard.clientKeys) changed was: nothing now: laptop",
      "Environment variables whose values are sent changed was: nothing now: SECRET_NAME",
      "Client ID changed was: lanyard now: other",
      "Scopes changed was: openid profile now: openid",
      "Resource of the sign-in changed was: nothing now: https://r.example",
      "Parameters of the sign-in changed was: nothing now: audience=a",
      "Transport changed was: http now: sse",
      "Credential source changed was: { &quot;source&quot;: &quot;token-exchange&quot;, &quot;resource&quot;: &quot;https://mcp.crm.example.com&quot; } now: { }",
      "File /work/acme/.mcp.json Approve Close",
    ].join(" "),
  );
  const fact = ["dt.changed", "span.badge", "div.was", "span.label", "div.now", "span.label"];
  expect(classes(html).filter((each) => !/\.owner$/.test(each))).toEqual([
    ...["span.badge", "span.badge", ...Array.from({ length: 13 }, () => fact).flat()],
    ...["button.", "button.secondary"],
  ]);
});

test("of one that was approved before facts were kept: changed, and nothing to compare with", () => {
  const html = pageOf({
    connector: connectorNamed("one"),
    review: { permission: "changed", before: {} },
    isHeld: false,
  });
  const entry = plain("one").replace("one ", "one changed ");
  expect(words(html)).toBe(`${head} Waiting for your approval (1) ${entry} Approve Close`);
});

test("of one whose letters look like others", () => {
  const html = pageOf({
    connector: connectorNamed("p\u0430y"),
    review: { permission: "unapproved" },
    isHeld: false,
  });
  expect(words(html)).toContain(
    "(1) p\u0430y Letters that look like others: U+0430 (Cyrillic) Command that Claude Code runs",
  );
  expect(classes(html)).toContain("p.warning");
});

test("of nothing", () => {
  expect(words(pageOf())).toBe(
    `${head} No connector here uses Lanyard: no .mcp.json of this workspace has an entry with userAuth. Close`,
  );
});
