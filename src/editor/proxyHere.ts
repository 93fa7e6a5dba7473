import * as vscode from "vscode";
import * as z from "zod";
import type { ProxyFacts } from "../core/proxy.ts";

const text = z.string().catch("");
const texts = z.array(z.string()).catch([]);

/**
 * What decides how an extension's `fetch` reaches the network. The editor puts its own in place of Node's, which asks
 * these settings at every request; `http.proxyStrictSSL` and `http.electronFetch` do not touch Lanyard's requests.
 */
export const proxyHere = (): ProxyFacts => {
  const http = vscode.workspace.getConfiguration("http");
  const { env } = process;
  return {
    support: text.parse(http.get("proxySupport")),
    fetchSupport: http.get("fetchAdditionalSupport") !== false,
    systemCertificates: http.get("systemCertificates") !== false,
    setting: text.parse(http.get("proxy")),
    environment: env["https_proxy"] ?? env["HTTPS_PROXY"] ?? env["http_proxy"] ?? env["HTTP_PROXY"] ?? "",
    exceptions: [
      ...texts.parse(http.get("noProxy")),
      ...(env["no_proxy"] ?? env["NO_PROXY"] ?? "").split(",").map((each) => each.trim()),
    ].filter((each) => each !== ""),
  };
};
