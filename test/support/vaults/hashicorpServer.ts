import { userToken } from "../asks.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

export const errors = (status: number, ...messages: string[]): VaultReply =>
  json(status, { errors: messages });

interface HashicorpVault {
  readonly login?: VaultReply;
  readonly secret?: VaultReply;
  readonly namespace?: string;
}

export const vaultToken = "hvs.test";

export const loggedIn = (leaseSeconds = 3600): VaultReply =>
  json(200, {
    request_id: "r1",
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data: null,
    auth: {
      client_token: vaultToken,
      accessor: "a1",
      policies: ["default"],
      lease_duration: leaseSeconds,
      renewable: true,
    },
  });

/** A reply of the KV engine, version 2. */
export const kvSecret = (
  data: object | null,
  metadata: object = { version: 1, destroyed: false, deletion_time: "" },
): VaultReply =>
  json(data === null ? 404 : 200, {
    request_id: "r2",
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data: { data, metadata },
  });

/** HashiCorp Vault's HTTP API: JWT login, KV version 2, the OAuth engine, and revocation. */
export const hashicorp =
  ({ login = loggedIn(), secret = kvSecret({ token: "kv" }), namespace }: HashicorpVault): Vault =>
  (request) => {
    if (namespace !== request.headers["x-vault-namespace"]) return errors(403, "permission denied");
    if (request.path === "/v1/auth/jwt/login") {
      const body = JSON.stringify(request.json);
      return body === JSON.stringify({ role: "dev", jwt: userToken })
        ? login
        : errors(400, "error validating token: token is expired");
    }
    if (request.headers["x-vault-token"] !== vaultToken) return errors(403, "permission denied");
    const isSecret = ["/v1/secret/data/users/alice/sentry", "/v1/oauth2/creds/alice"].includes(request.path);
    if (isSecret && request.method === "GET") return secret;
    return notFound(request);
  };
