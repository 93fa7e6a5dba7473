import { describe, expect, test } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import type { Review } from "../../../../src/core/connectors/permission/approval.ts";
import { agreementOf } from "../../../../src/core/review/agreement.ts";
import { markup } from "../../../../src/core/review/html.ts";
import { reviewDocument } from "../../../../src/core/review/reviewDocument.ts";
import {
  approvableAtOnce,
  reviewContent,
  reviewOrder,
  type ReviewRow,
} from "../../../../src/core/review/reviewPage.ts";
import { english } from "../../../../src/core/text.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { hostileTexts } from "../../../support/hostile.ts";

const row = (
  connector: Connector,
  review: Review = { permission: "unapproved" },
  isHeld = false,
): ReviewRow => ({
  ...{ connector, review, isHeld },
});
const scripted = (name: string): Connector =>
  connectorNamed(name, { helper: { kind: "script", command: "./get.sh", stdin: false } });
const content = (...rows: readonly ReviewRow[]): string => reviewContent(rows, english).toString();
/** What a person reads. */
const words = (html: string): string => html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const buttons = (html: string): readonly string[] =>
  [...html.matchAll(/<button[\s\S]*?<\/button/g)].map(
    ([button]) =>
      `${/data-act="(\w+)"/.exec(button)?.[1] ?? ""} ${/aria-label="([^"]*)"/.exec(button)?.[1] ?? ""}`,
  );

describe("the order", () => {
  test("is scripts that wait, what waits, scripts that are approved, what is approved, what is held", () => {
    const approved: Review = { permission: "approved" };
    const rows = [
      row(connectorNamed("held"), { permission: "unapproved" }, true),
      row(connectorNamed("approved"), approved),
      row(connectorNamed("waits")),
      row(scripted("approved-script"), approved),
      row(connectorNamed("changed"), { permission: "changed" }),
      row(scripted("script")),
    ];
    expect(reviewOrder(rows).map(({ connector }) => connector.name)).toEqual([
      ...["script", "waits", "changed", "approved-script", "approved", "held"],
    ]);
  });
});

describe("what may be approved at once", () => {
  test("waits, is not held, and has no letters that look like others", () => {
    const rows = [
      row(connectorNamed("plain")),
      row(connectorNamed("changed"), { permission: "changed" }),
      row(connectorNamed("p\u0430ypal")),
      row(connectorNamed("held"), { permission: "unapproved" }, true),
      row(connectorNamed("approved"), { permission: "approved" }),
    ];
    expect(approvableAtOnce(rows).map(({ name }) => name)).toEqual(["plain", "changed"]);
    const html = content(...rows);
    expect(words(html)).toContain("Approve all 2 that you have read");
    expect(words(html)).toContain("Letters that look like others: U+0430 (Cyrillic)");
  });

  test("is not offered for one", () => {
    expect(content(row(connectorNamed("one")))).not.toContain("approveAll");
  });
});

describe("the page", () => {
  test("has a button for each connector by itself: approve what waits, take back what is approved, nothing where held", () => {
    const html = content(
      row(connectorNamed("a")),
      row(connectorNamed("b"), { permission: "changed" }),
      row(connectorNamed("c"), { permission: "approved", approvedAtMs: 0 }),
      row(connectorNamed("d"), { permission: "unapproved" }, true),
    );
    expect(buttons(html)).toEqual([
      ...["approve Approve a", "approve Approve b", "approveAll ", "withdraw Take back c", "close "],
    ]);
    expect(html.match(/data-key="\d+"/g)).toEqual(['data-key="0"', 'data-key="1"', 'data-key="2"']);
  });

  test("shows the command, hosts with their domain, variables' names and the source whole", () => {
    const connector = connectorNamed("crm", {
      helper: { kind: "script", command: `sh -c 'curl "https://attacker.example/"'`, stdin: false },
      url: "https://vault.acme.com.attacker.example/mcp",
      credential: { source: "vault-lookup", url: "https://a.b.example/x", headers: { "X-A": "b" } },
      shown: {
        url: "https://vault.acme.com.attacker.example/mcp",
        issuer: "https://idp.example.com",
        credential: '{\n "k": "${SECRET_NAME}"\n}',
        variables: ["SECRET_NAME"],
      },
    });
    const html = content(row(connector));
    expect(html).toContain("sh -c &#39;curl &quot;https://attacker.example/&quot;&#39;");
    expect(words(html)).toContain("domain: attacker.example");
    expect(words(html)).toContain("domain: b.example");
    expect(html).toContain("<li><code>SECRET_NAME</code></li>");
    // Line by line, as it is written.
    expect(html).toContain("<pre>{\n &quot;k&quot;: &quot;${SECRET_NAME}&quot;\n}\n</pre>");
    expect(words(html)).toContain("runs a script");
  });

  test("names for id-jag the key that signs, and where the ID token and what vouches go", () => {
    const credential = {
      source: "id-jag",
      audience: "https://as.mcp.example.com",
      clientKey: "laptop",
    } as const;
    const html = words(content(row(connectorNamed("crm", { credential }))));
    expect(html).toMatch(
      /Your token, or what vouches for you, goes to idp\.example\.com .* as\.mcp\.example\.com/,
    );
    expect(html).toMatch(/Your ID token goes to idp\.example\.com/);
    expect(html).toMatch(/Your private key that signs \(lanyard\.clientKeys\) laptop/);
    expect(words(content(row(connectorNamed("crm"))))).toContain("Your access token goes to");
  });

  test("names the host that a variable leads to, not the one that it seems to", () => {
    const shown = {
      ...{ url: "https://${A}.acme.com/x", issuer: "https://idp.example.com" },
      variables: ["A"],
      credential: "{}",
    };
    const html = content(row(connectorNamed("crm", { url: "https://x.evil.example/.acme.com/x", shown })));
    expect(words(html)).toContain("domain: evil.example");
    expect(words(html)).not.toContain("domain: acme.com");
  });

  test("says of a changed entry what it was and what it is, and what is gone", () => {
    const { facts: before } = agreementOf(
      connectorNamed("crm", {
        url: "https://old.example/mcp",
        userAuth: { ...connectorNamed("crm").userAuth, resource: "https://r.example" },
      }),
    );
    const html = words(content(row(connectorNamed("crm"), { permission: "changed", before })));
    expect(html).toMatch(/was: https:\/\/old\.example\/mcp +now: https:\/\/mcp\.crm\.example\.com\/mcp/);
    expect(html).toMatch(/was: https:\/\/r\.example +now: nothing/);
    expect(html).not.toMatch(/was: lanyard/);
  });

  test("says so where there is nothing", () => {
    expect(words(content())).toContain("No connector here uses Lanyard");
  });

  test.each(hostileTexts)("is words alone, whatever an entry holds: %s", (_kind, text) => {
    const connector = connectorNamed(text, {
      helper: { kind: "script", command: text, stdin: false },
      credential: { source: "vault-lookup", url: "https://v.example/x", headers: { "X-A": text } },
      origin: { kind: "workspace", file: `/home/${text}/.mcp.json`, folder: "/home" },
      userAuth: {
        issuer: "https://idp.example.com",
        clientId: text,
        scopes: [text],
        parameters: { audience: text },
      },
    });
    const html = content(row(connector, { permission: "changed", before: { command: text, clientId: "x" } }));
    expect(html).not.toMatch(/<(?:a|img|script|iframe|form|link|meta|style)\b/i);
    expect(html.replace(/"[^"]*"/g, "")).not.toMatch(/<[^>]*\s(?:on\w+|href|src|style)\s*=/i);
    expect(html).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]/u);
    expect(buttons(html).filter((each) => each.startsWith("approve "))).toHaveLength(1);
  });
});

test("the document loads nothing, runs its own script alone, and takes no markup from its title", () => {
  const html = reviewDocument({
    content: markup``,
    title: "</title><script>x",
    lang: '"><b',
    nonce: "abc123",
  });
  expect(html).toContain(
    `content="default-src 'none'; style-src 'nonce-abc123'; script-src 'nonce-abc123'; base-uri 'none'; form-action 'none'"`,
  );
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain("&lt;/title&gt;&lt;script&gt;x");
  expect(html).toContain("event.isTrusted && event.target instanceof Element");
});
