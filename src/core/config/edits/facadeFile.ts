import { jsonText } from "../text/jsonText.ts";

/** The vaults that give tokens to confidential clients only, as people call them; docs/facade.md. */
export const facadeVaults = ["Keycloak", "Auth0", "Okta", "Entra", "WorkOS", "Nango", "AgentCore"] as const;
export type FacadeVault = (typeof facadeVaults)[number];

export interface FacadeDraft {
  readonly vault: FacadeVault;
  /** The connector, whose name stands for what only an administrator knows. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** What Lanyard asks for. */
  readonly resource: string;
  /** Where Lanyard asks, if that is known. */
  readonly endpoint?: string;
}

const own = "lanyard-facade";
const secret = (name: string): object => ({ file: `/run/secrets/${name}` });
const client = { clientId: own, clientSecret: secret("facade") };

/** The vault's part, the target's part, and what of the identity provider is not as usual. */
const partsOf = ({ vault, name, issuer }: FacadeDraft): readonly [object, object, object?] => {
  switch (vault) {
    case "Keycloak":
      return [{ adapter: "keycloak-exchange" }, { audience: name, scope: name }];
    case "Auth0":
      return [{ adapter: "auth0-token-vault", domain: issuer, ...client }, { connection: name }];
    case "Okta": {
      const org = URL.parse(issuer)?.origin ?? issuer;
      const agent = { clientId: "lanyard-agent", clientKey: secret("okta-agent.jwk") };
      return [{ adapter: "okta-sts", org, ...agent }, { resource: name }, { subjectTokens: ["id_token"] }];
    }
    case "Entra": {
      const tokenEndpoint = `${issuer.replace(/\/v2\.0$/, "")}/oauth2/v2.0/token`;
      const scope = `api://${name}/.default`;
      return [{ adapter: "entra-obo", tokenEndpoint, ...client }, { scope }, { liveness: "none" }];
    }
    case "WorkOS":
      return [{ adapter: "workos-pipes", apiKey: secret("workos") }, { integration: name }];
    case "Nango":
      return [{ adapter: "nango", secretKey: secret("nango") }, { integration: name }];
    case "AgentCore": {
      const key = { accessKeyId: secret("aws-id"), secretAccessKey: secret("aws-key") };
      const workload = { adapter: "agentcore", region: "us-east-1", workload: "lanyard" };
      return [
        { ...workload, ...key },
        { provider: name, scopes: [name] },
      ];
    }
  }
};

/** The text of `facade.json`, for `lanyard-facade` before such a vault. */
export const facadeFile = (draft: FacadeDraft): string => {
  const { name, issuer, clientId, resource, endpoint = "" } = draft;
  const [vault, ask, more] = partsOf(draft);
  const idp = { issuer, clients: [clientId], audience: own, ...client, ...more };
  return `${jsonText(
    {
      url: URL.parse(endpoint)?.origin ?? "https://vault.example.com",
      identityProvider: idp,
      vaults: { vault },
      targets: { [resource]: { vault: "vault", connector: name, ask } },
    },
    "  ",
  )}\n`;
};
