import type { ProxyFacts } from "../proxy.ts";
import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";

/** How Lanyard's requests leave this machine. A proxy's address is shown without the name and password in it. */
export const judgeProxy = (facts: ProxyFacts, t: Translate): readonly Finding[] => {
  const judge = judgesOf("proxy");
  const named = facts.setting === "" ? facts.environment : facts.setting;
  const proxy = named === "" ? undefined : placeOf(named, t);
  if (!facts.fetchSupport) {
    return [
      judge.warning(
        t(
          "http.fetchAdditionalSupport is off: Lanyard's requests use no proxy, and trust only the certificates that the editor brings along.",
        ),
        t("Turn http.fetchAdditionalSupport on, unless you know why it is off."),
      ),
    ];
  }
  if (facts.support === "off" && proxy !== undefined) {
    return [
      judge.warning(
        t("The proxy {0} is not used, because http.proxySupport is off.", proxy),
        t("Set http.proxySupport to override, its default, if the identity provider is behind the proxy."),
      ),
    ];
  }
  return [
    judge.ok(proxy === undefined ? withoutProxy(facts, t) : withProxy(facts, proxy, t)),
    ...stores(facts, t),
  ];
};

const withoutProxy = ({ support }: ProxyFacts, t: Translate): string =>
  support === "off"
    ? t("None is set, and http.proxySupport is off: requests go out directly.")
    : t("None is set: requests go out as the system says.");

const withProxy = ({ setting, exceptions }: ProxyFacts, proxy: string, t: Translate): string => {
  const source = setting === "" ? t("the environment") : "http.proxy";
  return exceptions.length === 0
    ? t("Requests go by way of {0} ({1}).", proxy, source)
    : t("Requests go by way of {0} ({1}), but not to {2}.", proxy, source, listed(exceptions));
};

const listed = (exceptions: readonly string[]): string => plainText(exceptions.join(", "), 200);

const placeOf = (proxy: string, t: Translate): string => {
  const url = URL.parse(proxy.includes("://") ? proxy : `http://${proxy}`);
  return url === null || url.host === "" ? t("(not a URL)") : plainText(url.host, 100);
};

const stores = ({ systemCertificates }: ProxyFacts, t: Translate): readonly Finding[] =>
  systemCertificates
    ? []
    : [
        judgesOf("certificate").warning(
          t("http.systemCertificates is off: certificates in the system's store are not trusted."),
          t("Turn it on if your company's proxy or identity provider uses a certificate of its own."),
        ),
      ];
