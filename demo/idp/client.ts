import type { ClientMetadata } from "oidc-provider";

export const tokenExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** The editors whose links may bring a sign-in back. */
const editorSchemes = ["vscode", "vscode-insiders", "vscodium", "code-oss", "cursor", "windsurf"];

/** Lanyard, as Acme's administrators have registered it: a public native client, so any loopback port will do. */
export const lanyardClient: ClientMetadata = {
  client_id: "lanyard",
  client_name: "Lanyard",
  application_type: "native",
  token_endpoint_auth_method: "none",
  id_token_signed_response_alg: "ES256",
  grant_types: ["authorization_code", "refresh_token", deviceGrant, tokenExchangeGrant],
  response_types: ["code"],
  redirect_uris: [
    ...["127.0.0.1", "[::1]", "localhost"].flatMap((host) => [`http://${host}/callback`, `http://${host}/`]),
    ...editorSchemes.map((scheme) => `${scheme}://lanyard.lanyard/callback`),
  ],
};
