import { isLoopback } from "./urls.ts";

/** What the editor's settings and the environment say about the way to the network. */
export interface ProxyFacts {
  /** `http.proxySupport`: all but `off` put the proxy into an extension's fetch. */
  readonly support: string;
  /** `http.fetchAdditionalSupport`: off, an extension's fetch knows neither proxy nor system certificates. */
  readonly fetchSupport: boolean;
  /** `http.systemCertificates`. */
  readonly systemCertificates: boolean;
  /** `http.proxy`; empty where the person set none. */
  readonly setting: string;
  /** `https_proxy` or `http_proxy` of the extension host; empty without one. */
  readonly environment: string;
  /** `http.noProxy` and `no_proxy`. */
  readonly exceptions: readonly string[];
}

/**
 * The proxy by which an extension's `fetch` reaches this URL, for a process of the person's that the editor's settings do
 * not reach: what they name, else the environment. Undefined where there is none, or one that is no HTTP proxy. What the
 * system says beyond that (a PAC file), the editor keeps to itself.
 */
export const proxyFor = (facts: ProxyFacts, target: string): string | undefined => {
  const url = URL.parse(target);
  const isUsed = facts.fetchSupport && facts.support !== "off";
  if (!isUsed || url?.protocol !== "https:" || isLoopback(url)) return undefined;
  if (facts.exceptions.some((exception) => isExcepted(exception, url))) return undefined;
  const named = facts.setting === "" ? facts.environment : facts.setting;
  if (named === "") return undefined;
  const proxy = URL.parse(named.includes("://") ? named : `http://${named}`);
  return proxy !== null && /^https?:$/.test(proxy.protocol) ? proxy.href : undefined;
};

/** As the editor reads them: a name stands for all below it, whether it begins with a dot or not. */
const isExcepted = (exception: string, { hostname, port }: URL): boolean => {
  const [name = "", onPort] = exception.trim().toLowerCase().split(":", 2);
  if (name === "*") return true;
  if (name === "" || (onPort !== undefined && onPort !== (port === "" ? "443" : port))) return false;
  return `.${hostname}`.endsWith(name.startsWith(".") ? name : `.${name}`);
};
