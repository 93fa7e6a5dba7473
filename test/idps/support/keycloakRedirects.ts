import type { Keycloak } from "./keycloak.ts";

/** How a redirect is registered, the one that a sign-in names, and whether Keycloak takes it for the same. */
export const redirects = [
  ["http://127.0.0.1/callback", "http://127.0.0.1:8123/callback", true],
  ["http://127.0.0.1/*", "http://127.0.0.1:8123/callback", true],
  ["http://127.0.0.1/callback", "http://localhost:8123/callback", false],
  ["http://127.0.0.1/callback", "http://[::1]:8123/callback", false],
  ["http://localhost/callback", "http://localhost:8123/callback", true],
  ["http://127.0.0.1:*/callback", "http://127.0.0.1:8123/callback", false],
  ["http://127.0.0.1", "http://127.0.0.1:8123/callback", false],
  ["http://127.0.0.1:8123/callback", "http://127.0.0.1:8123/callback", true],
  ["http://127.0.0.1:8123/callback", "http://127.0.0.1:8124/callback", false],
  ["vscode://lanyard/callback", "vscode://lanyard/callback", true],
] as const;

/** Opens the page of a sign-in whose client has that redirect registered. @returns the status, and what a refusal says */
export const openSignIn = async (
  { admin, issuer }: Keycloak,
  registered: string,
  used: string,
): Promise<{ readonly status: number; readonly says: string }> => {
  const clientId = `redirects-${crypto.randomUUID()}`;
  await admin.call("POST", "/realms/acme/clients", {
    ...{ clientId, publicClient: true, standardFlowEnabled: true, redirectUris: [registered] },
  });
  const query = new URLSearchParams({
    ...{ client_id: clientId, response_type: "code", scope: "openid", redirect_uri: used, state: "s" },
    ...{ code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" },
  });
  const response = await fetch(`${issuer}/protocol/openid-connect/auth?${query.toString()}`);
  const [, says = ""] = /<p class="instruction">([^<]*)/.exec(await response.text()) ?? [];
  return { status: response.status, says: says.trim() };
};
