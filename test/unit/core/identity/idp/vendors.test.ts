import { describe, expect, it } from "vitest";
import { boundedFetch } from "../../../../../src/core/http.ts";
import { failureOf } from "../../../../../src/core/identity/failures.ts";
import { Discovery } from "../../../../../src/core/identity/idp/discovery.ts";
import { english } from "../../../../../src/core/text.ts";
import { fakeClock } from "../../../../support/ports.ts";

/** What vendors say of themselves, as facts, and where each says it. Nothing else is there: all other places are 404. */
interface Vendor {
  readonly issuer: string;
  /** Where its document lies, and what it names as its issuer. */
  readonly at: string;
  readonly names?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  /** How it is written down. */
  readonly as?: { readonly contentType?: string; readonly before?: string; readonly redirectedFrom?: string };
}

const openid = "/.well-known/openid-configuration";
const oauth = "/.well-known/oauth-authorization-server";

const askedOf = async ({ issuer, at, names = issuer, with: more, as = {} }: Vendor): Promise<string> => {
  const document = {
    issuer: names,
    authorization_endpoint: `${new URL(issuer).origin}/authorize`,
    token_endpoint: `${new URL(issuer).origin}/token`,
    ...more,
  };
  const clock = fakeClock();
  const fetch = (url: string): Promise<Response> => {
    if (url === as.redirectedFrom)
      return Promise.resolve(new Response(null, { status: 302, headers: { location: at } }));
    if (url !== at) return Promise.resolve(new Response("<html>not here</html>", { status: 404 }));
    const headers = { "content-type": as.contentType ?? "application/json" };
    return Promise.resolve(new Response(`${as.before ?? ""}${JSON.stringify(document)}`, { headers }));
  };
  try {
    await new Discovery(boundedFetch(fetch, clock), clock).metadata(issuer, new AbortController().signal);
    return "accepted";
  } catch (error) {
    const { template, args, detail } = failureOf(error, issuer);
    // Nothing of the metadata is put into the provider's mouth.
    expect(detail).toBeUndefined();
    return english(template, ...args);
  }
};

const okta = "https://acme.okta.com";
const entra = "https://login.microsoftonline.com";
const tenant = "11111111-2222-3333-4444-555555555555";
const slash = "with one slash more or less. Write it in .mcp.json as it stands here:";
const none = "has no metadata where the issuer in .mcp.json says.";

describe("the metadata of vendors", () => {
  it.each<[string, Vendor]>([
    [
      "Okta, the organization's server",
      { issuer: okta, at: `${okta}${openid}`, with: { end_session_endpoint: `${okta}/logout` } },
    ],
    [
      "Okta, a custom server by OpenID",
      { issuer: `${okta}/oauth2/default`, at: `${okta}/oauth2/default${openid}` },
    ],
    [
      "Okta, a custom server's OAuth document, appended",
      { issuer: `${okta}/oauth2/default`, at: `${okta}/oauth2/default${oauth}` },
    ],
    [
      "Entra by tenant, without revocation and PKCE in it",
      { issuer: `${entra}/${tenant}/v2.0`, at: `${entra}/${tenant}/v2.0${openid}` },
    ],
    ["Auth0, with its slash", { issuer: "https://acme.auth0.com/", at: `https://acme.auth0.com${openid}` }],
    ["Google", { issuer: "https://accounts.google.com", at: `https://accounts.google.com${openid}` }],
    [
      "Cognito, with endpoints elsewhere",
      {
        issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        at: `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A${openid}`,
        with: { token_endpoint: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token" },
      },
    ],
    ["Salesforce", { issuer: "https://login.salesforce.com", at: `https://login.salesforce.com${openid}` }],
    [
      "Keycloak",
      { issuer: "https://id.acme.example/realms/acme", at: `https://id.acme.example/realms/acme${openid}` },
    ],
    [
      "PingOne",
      { issuer: `https://auth.pingone.eu/${tenant}/as`, at: `https://auth.pingone.eu/${tenant}/as${openid}` },
    ],
    [
      "Authentik, with its slash",
      {
        issuer: "https://auth.acme.example/application/o/lanyard/",
        at: `https://auth.acme.example/application/o/lanyard${openid}`,
      },
    ],
    [
      "Descope's agentic server",
      {
        issuer: "https://api.descope.com/v1/apps/agentic/P1/MS1",
        at: `https://api.descope.com/v1/apps/agentic/P1/MS1${openid}`,
      },
    ],
    [
      "Zitadel",
      {
        issuer: "https://acme.zitadel.cloud",
        at: `https://acme.zitadel.cloud${openid}`,
        with: { device_authorization_endpoint: "https://acme.zitadel.cloud/device" },
      },
    ],
    ["GitLab", { issuer: "https://gitlab.acme.example", at: `https://gitlab.acme.example${openid}` }],
    [
      "glewlwyd, with a slash too many in its endpoints",
      {
        issuer: "https://id.acme.example/api/oidc",
        at: `https://id.acme.example/api/oidc${openid}`,
        with: { token_endpoint: "https://id.acme.example//api/oidc/token" },
      },
    ],
    [
      "LemonLDAP::NG, the origin with its slash",
      { issuer: "https://id.acme.example/", at: `https://id.acme.example${openid}` },
    ],
    [
      "RFC 8414, before the path",
      { issuer: "https://as.example/tenant", at: `https://as.example${oauth}/tenant` },
    ],
    [
      "OpenID's document before the path, MCP's third form",
      { issuer: "https://as.example/tenant", at: `https://as.example${openid}/tenant` },
    ],
    [
      "written as text, with a byte order mark",
      { issuer: okta, at: `${okta}${openid}`, as: { contentType: "text/plain", before: "\ufeff" } },
    ],
    [
      "written as bytes",
      { issuer: okta, at: `${okta}${openid}`, as: { contentType: "application/octet-stream" } },
    ],
    [
      "null for what there is not",
      { issuer: okta, at: `${okta}${openid}`, with: { revocation_endpoint: null, userinfo_endpoint: null } },
    ],
    [
      "behind a redirect within the origin",
      { issuer: okta, at: `${okta}/moved`, as: { redirectedFrom: `${okta}${openid}` } },
    ],
  ])("%s is accepted", async (_name, vendor) => {
    expect(await askedOf(vendor)).toBe("accepted");
  });

  it.each<[string, Vendor, string]>([
    [
      "Entra's common",
      {
        issuer: `${entra}/common/v2.0`,
        at: `${entra}/common/v2.0${openid}`,
        names: `${entra}/{tenantid}/v2.0`,
      },
      "serves many tenants at this issuer. Write the one of your own tenant",
    ],
    [
      "Entra by domain",
      {
        issuer: `${entra}/acme.example/v2.0`,
        at: `${entra}/acme.example/v2.0${openid}`,
        names: `${entra}/${tenant}/v2.0`,
      },
      `names another issuer: ${entra}/${tenant}/v2.0.`,
    ],
    [
      "Entra's first version",
      {
        issuer: `${entra}/${tenant}`,
        at: `${entra}/${tenant}${openid}`,
        names: `https://sts.windows.net/${tenant}/`,
      },
      `names another issuer: https://sts.windows.net/${tenant}/.`,
    ],
    [
      "Auth0 without its slash",
      {
        issuer: "https://acme.auth0.com",
        at: `https://acme.auth0.com${openid}`,
        names: "https://acme.auth0.com/",
      },
      `${slash} https://acme.auth0.com/`,
    ],
    [
      "Okta with a slash",
      {
        issuer: `${okta}/oauth2/default/`,
        at: `${okta}/oauth2/default${openid}`,
        names: `${okta}/oauth2/default`,
      },
      `${slash} ${okta}/oauth2/default`,
    ],
    [
      "Authentik without its slash",
      {
        issuer: "https://auth.acme.example/application/o/lanyard",
        at: `https://auth.acme.example/application/o/lanyard${openid}`,
        names: "https://auth.acme.example/application/o/lanyard/",
      },
      slash,
    ],
    [
      "Keycloak without the realm",
      { issuer: "https://id.acme.example", at: `https://id.acme.example/realms/acme${openid}` },
      none,
    ],
    [
      "Keycloak by another host name",
      {
        issuer: "https://kc.internal/realms/acme",
        at: `https://kc.internal/realms/acme${openid}`,
        names: "https://id.acme.example/realms/acme",
      },
      "names another issuer: https://id.acme.example/realms/acme.",
    ],
    [
      "Descope's project form",
      {
        issuer: "https://api.descope.com/P1",
        at: `https://api.descope.com/P1${openid}`,
        names: "https://api.descope.com/v1/apps/P1",
      },
      "names another issuer: https://api.descope.com/v1/apps/P1.",
    ],
    [
      "a redirect to another origin",
      { issuer: okta, at: "https://elsewhere.example/moved", as: { redirectedFrom: `${okta}${openid}` } },
      "did not accept the sign-in",
    ],
  ])("%s is refused, in words", async (_name, vendor, sentence) => {
    expect(await askedOf(vendor)).toContain(sentence);
  });
});
