import { once } from "node:events";
import { createServer } from "node:http";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { getOAuthProtectedResourceMetadataUrl } from "@modelcontextprotocol/sdk/server/auth/router.js";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as z from "zod";
import type { GuardedServer, TokenChecks } from "./guarded.ts";

const claims = z.looseObject({
  exp: z.number(),
  azp: z.string().default(""),
  scope: z.string().default(""),
});

/** The TypeScript SDK's own server behind its own `requireBearerAuth`; it leaves the token's check to its user. */
export const startSdkServer = async (checks: TokenChecks): Promise<GuardedServer> => {
  const app = createMcpExpressApp();
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  const url = `http://127.0.0.1:${address.port}/mcp`;
  const metadataUrl = getOAuthProtectedResourceMetadataUrl(new URL(url));
  app.get(new URL(metadataUrl).pathname, (_request, response) => {
    response.json({ resource: url, authorization_servers: [checks.issuer] });
  });
  const guard = requireBearerAuth({
    ...{ verifier: verifierOf(checks), resourceMetadataUrl: metadataUrl },
    requiredScopes: [...checks.scopes],
  });
  app.all("/mcp", guard, async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await whoamiServer().connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  return {
    name: "TypeScript SDK",
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const verifierOf = ({
  issuer,
  jwksUri,
  audience,
}: TokenChecks): { verifyAccessToken(token: string): Promise<AuthInfo> } => {
  const keys = createRemoteJWKSet(new URL(jwksUri));
  return {
    verifyAccessToken: async (token) => {
      const verified = await jwtVerify(token, keys, { issuer, audience }).catch((error: unknown) => {
        throw new InvalidTokenError(error instanceof Error ? error.message : String(error));
      });
      const { exp, azp, scope } = claims.parse(verified.payload);
      const { sub, aud } = verified.payload;
      return { token, clientId: azp, scopes: scope.split(" "), expiresAt: exp, extra: { sub, aud } };
    },
  };
};

const whoamiServer = (): McpServer => {
  const server = new McpServer({ name: "sdk", version: "1.0.0" });
  server.registerTool("whoami", {}, ({ authInfo }) => ({
    content: [{ type: "text", text: JSON.stringify(authInfo?.extra ?? {}) }],
  }));
  return server;
};
