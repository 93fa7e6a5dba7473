import { describe, expect, it } from "vitest";
import { proxyFor, type ProxyFacts } from "../../../src/core/proxy.ts";

const facts = (over: Partial<ProxyFacts> = {}): ProxyFacts => ({
  ...{ support: "override", fetchSupport: true, systemCertificates: true },
  ...{ setting: "http://proxy.acme.example:8080", environment: "", exceptions: [] },
  ...over,
});
const there = "http://proxy.acme.example:8080/";
const url = "https://salesforce.mcp.acme.example/mcp";

describe("the proxy of a request", () => {
  it.each<[string, Partial<ProxyFacts>, string | undefined]>([
    ["is what the setting names", {}, there],
    ["comes before that of the environment", { environment: "http://other.example:1" }, there],
    [
      "is the environment's without a setting",
      { setting: "", environment: "https://u:p@env.example" },
      "https://u:p@env.example/",
    ],
    ["may be named without a scheme", { setting: "proxy.acme.example:8080" }, there],
    ["is none where none is named", { setting: "" }, undefined],
    ["is none where proxies are off", { support: "off" }, undefined],
    ["is none where the editor's fetch takes none", { fetchSupport: false }, undefined],
    ["is none where it speaks another protocol", { setting: "socks5://proxy.acme.example" }, undefined],
    ["is none where it is no URL", { setting: "http://[" }, undefined],
  ])("%s", (_what, over, expected) => {
    expect(proxyFor(facts(over), url)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ["salesforce.mcp.acme.example", url, true],
    ["acme.example", url, true],
    [".acme.example", url, true],
    [" ACME.example ", url, true],
    ["*", url, true],
    ["acme.example:443", url, true],
    ["acme.example:8443", url, false],
    ["acme.example:8443", "https://acme.example:8443/mcp", true],
    ["cme.example", url, false],
    ["mcp.acme", url, false],
    ["", url, false],
    [":443", url, false],
  ])("is passed by for %j: %s, %j", (exception, target, isExcepted) => {
    expect(proxyFor(facts({ exceptions: ["elsewhere.example", exception] }), target) === undefined).toBe(
      isExcepted,
    );
  });

  it.each(["http://127.0.0.1:3000/mcp", "https://localhost:3000/mcp", "https://[::1]/mcp", "not a URL"])(
    "is none for %s",
    (target) => {
      expect(proxyFor(facts(), target)).toBeUndefined();
    },
  );
});
