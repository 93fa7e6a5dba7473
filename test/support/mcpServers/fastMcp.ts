import { join } from "node:path";
import type { PypiInstallation } from "../../../scripts/idps/pypiInstall.ts";
import { startTree } from "../../../scripts/support/processes.ts";
import { freePort, whenAnswers } from "../servers.ts";
import type { GuardedServer, TokenChecks } from "./guarded.ts";

/** Importing FastMCP takes seconds of a processor. */
const startLimitMs = 90_000;

/** The real FastMCP with its own `JWTVerifier` and `RemoteAuthProvider`. */
export const startFastMcp = async (
  { bin, version }: PypiInstallation,
  checks: TokenChecks,
): Promise<GuardedServer> => {
  const port = await freePort();
  const script = join(import.meta.dirname, "fastmcp_server.py");
  const tree = startTree(join(bin, "python"), [script, `${port}`, JSON.stringify(checks)], {
    env: {
      PATH: process.env["PATH"],
      ...{ FASTMCP_CHECK_FOR_UPDATES: "off", FASTMCP_TELEMETRY_MODE: "off", PYTHONDONTWRITEBYTECODE: "1" },
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  try {
    await whenAnswers(`${origin}/.well-known/oauth-protected-resource/mcp`, tree, startLimitMs);
  } catch (error) {
    await tree.stop();
    throw error;
  }
  return {
    name: `FastMCP ${version}`,
    url: `${origin}/mcp`,
    [Symbol.asyncDispose]: () => tree.stop(),
  };
};
