import * as z from "zod";
import type { BrokenEntry, Catalogue, Connector } from "../../config/connector.ts";
import type { Issue } from "../../config/issues/issue.ts";
import { destinationsOf } from "../../credentials/querySource.ts";
import { toolRuleShapes } from "../../config/schema/signInSchema.ts";
import type { NamedToolRules } from "../../mcp/toolRules.ts";
import { plainText } from "../../text.ts";
import { hostOf } from "../../urls.ts";

/** Who has set a policy: it decides what people read, and whom they turn to. */
export type Authority = "administrator" | "workspace";

const list = z.array(z.string().min(1).max(2048)).max(1000);

/** For the connectors at these origins; without `servers`, for all. */
const toolRules = z.strictObject({ servers: list.exactOptional(), ...toolRuleShapes });
type ToolRulesAt = Readonly<z.infer<typeof toolRules>>;

const ruleShapes = {
  /** Issuers as `userAuth.issuer` spells them. Empty: any. */
  allowedIssuers: list,
  /** Origins (scheme, host and port) that the user's token may be sent to, besides the issuer that made it. Empty: any. */
  allowedVaults: list,
  /** Each of them is strong enough (OpenID Connect Core, `acr`). Empty: any sign-in is. */
  requiredAcr: list,
  teamScripts: z.boolean(),
  /** Each one narrows what tools may be used. Empty: all may. */
  tools: z.array(toolRules).max(200),
} as const;

export type PolicyRule = keyof typeof ruleShapes;
export const rules = ["allowedIssuers", "allowedVaults", "requiredAcr", "teamScripts", "tools"] as const;

/** What one authority allows. Several hold together: each of them can forbid, none can allow what another forbids. */
export interface Policy {
  readonly by: Authority;
  readonly allowedIssuers: readonly string[];
  readonly allowedVaults: readonly string[];
  readonly requiredAcr: readonly string[];
  readonly teamScripts: boolean;
  readonly tools: readonly ToolRulesAt[];
  /** The setting that holds a rule, for people. */
  readonly settingOf: (rule: PolicyRule) => string;
  /** Rules whose setting is not what it has to be: while there is one, everything is forbidden. */
  readonly unreadable: readonly PolicyRule[];
}

/** Reads a policy; a rule that is absent forbids nothing, one that cannot be read forbids everything. */
export const readPolicy = (
  by: Authority,
  valueOf: (rule: PolicyRule) => unknown,
  settingOf: (rule: PolicyRule) => string,
): Policy => {
  const unreadable: PolicyRule[] = [];
  const read = <T>(rule: PolicyRule, shape: z.ZodType<T>, otherwise: T): T => {
    const value = valueOf(rule);
    if (value === undefined) return otherwise;
    const parsed = shape.safeParse(value);
    if (!parsed.success) unreadable.push(rule);
    return parsed.success ? parsed.data : otherwise;
  };
  return {
    by,
    allowedIssuers: read("allowedIssuers", ruleShapes.allowedIssuers, []),
    allowedVaults: read("allowedVaults", ruleShapes.allowedVaults, []),
    requiredAcr: read("requiredAcr", ruleShapes.requiredAcr, []),
    teamScripts: read("teamScripts", ruleShapes.teamScripts, true),
    tools: read("tools", ruleShapes.tools, []),
    settingOf,
    unreadable,
  };
};

/** What people read, by who forbids it. `{0}` is what is forbidden, `{1}` the setting. */
const sentences: Readonly<Record<Authority, Readonly<Record<"unreadable" | PolicyRule, string>>>> = {
  administrator: {
    unreadable: "Blocked by your administrator: the setting {1} is not written as it has to be.",
    allowedIssuers:
      "Blocked by your administrator: the identity provider {0} is not one that the setting {1} allows.",
    allowedVaults:
      "Blocked by your administrator: your access token would go to {0}, which the setting {1} does not allow.",
    requiredAcr:
      "Blocked by your administrator: no kind of sign-in satisfies the setting {1} and this workspace.",
    teamScripts: "Blocked by your administrator: the setting {1} does not allow team scripts.",
    tools:
      "Blocked by your administrator: the setting {1} narrows the tools of {0}, which only an entry for every client (lanyard bridge) keeps.",
  },
  workspace: {
    unreadable: "Blocked by the editor's settings: {1} is not written as it has to be.",
    allowedIssuers:
      "Blocked by the editor's settings: the identity provider {0} is not one that {1} allows here.",
    allowedVaults:
      "Blocked by the editor's settings: your access token would go to {0}, which {1} does not allow here.",
    requiredAcr: "Blocked by the editor's settings: no kind of sign-in satisfies {1} and your administrator.",
    teamScripts: "Blocked by the editor's settings: {1} does not allow team scripts here.",
    tools:
      "Blocked by the editor's settings: {1} narrows the tools of {0}, which only an entry for every client (lanyard bridge) keeps.",
  },
};

/** What forbids this connector, each with the setting to blame; nothing when it is allowed. Pure. */
export const forbiddenBy = (connector: Connector, policies: readonly Policy[]): readonly Issue[] => [
  ...policies.flatMap((policy) => issuesOf(connector, policy)),
  ...contradiction(connector, policies),
];

/**
 * The catalogue with what the policies forbid taken out of the connectors: a forbidden one stands among the broken
 * entries, where it is shown and answered for, and nothing is asked, approved, signed in for or sent on its behalf.
 */
export const restricted = (catalogue: Catalogue, policies: readonly Policy[]): Catalogue => {
  const forbidden: BrokenEntry[] = [];
  const connectors = catalogue.connectors.flatMap((connector) => {
    const issues = forbiddenBy(connector, policies);
    if (issues.length === 0) return [narrowed(connector, policies)];
    const { id, name, origin, place } = connector;
    forbidden.push({ id, name, origin, place, issues });
    return [];
  });
  const isSame = connectors.every((each, index) => each === catalogue.connectors[index]);
  if (isSame && forbidden.length === 0) return catalogue;
  return {
    connectors,
    broken: [...catalogue.broken, ...forbidden],
    issues: [...catalogue.issues, ...forbidden.flatMap(({ issues }) => issues)],
  };
};

/** With what policies narrow its tools by; the same connector where none does. */
const narrowed = (connector: Connector, policies: readonly Policy[]): Connector => {
  const found = policies.flatMap((policy) => narrowing(connector, policy));
  return found.length === 0 ? connector : { ...connector, narrowed: found };
};

const narrowing = ({ url }: Connector, { tools, settingOf }: Policy): readonly NamedToolRules[] =>
  tools
    .filter(({ servers }) => servers === undefined || servers.map(placeOf).includes(placeOf(url)))
    .map(({ servers: _any, ...each }) => ({ ...each, by: settingOf("tools") }));

/** The values of `acr` that satisfy every policy; `undefined` where none demands any. */
export const requiredAcrOf = (policies: readonly Policy[]): readonly string[] | undefined => {
  const [first, ...others] = policies.map(({ requiredAcr }) => requiredAcr).filter((acr) => acr.length > 0);
  return first?.filter((acr) => others.every((other) => other.includes(acr)));
};

/** Whether a session's issuer is allowed. Nobody asks one that is not, not even whether an old session lives. */
export const isIssuerAllowed = (issuer: string, policies: readonly Policy[]): boolean =>
  policies.every(({ allowedIssuers }) => allowedIssuers.length === 0 || allowedIssuers.includes(issuer));

const issuesOf = (connector: Connector, policy: Policy): readonly Issue[] => {
  const forbid = (rule: PolicyRule, what: string, sentence: "unreadable" | PolicyRule = rule): Issue => ({
    code: "forbidden",
    severity: "error",
    template: sentences[policy.by][sentence],
    args: [what, policy.settingOf(rule)],
    place: connector.place,
    connector: connector.id,
  });
  if (policy.unreadable.length > 0) return policy.unreadable.map((rule) => forbid(rule, "", "unreadable"));
  const { issuer } = connector.userAuth;
  const places = policy.allowedVaults.length === 0 ? [] : strangers(connector, policy.allowedVaults);
  return [
    ...(isIssuerAllowed(issuer, [policy]) ? [] : [forbid("allowedIssuers", plainText(issuer, 120))]),
    ...places.map((url) => forbid("allowedVaults", hostOf(url))),
    ...(connector.helper.kind === "script" && !policy.teamScripts ? [forbid("teamScripts", "")] : []),
    ...(connector.helper.kind !== "bridge" && narrowing(connector, policy).length > 0
      ? [forbid("tools", hostOf(connector.url))]
      : []),
  ];
};

/** Where the token goes beside the issuer that made it, and may not. */
const strangers = (connector: Connector, allowed: readonly string[]): readonly string[] => {
  const origins = new Set([...allowed, connector.userAuth.issuer].map(originOf));
  return destinationsOf(connector).filter((url) => !origins.has(originOf(url)));
};

/** A text that is no URL stands for itself: it equals nothing that could be sent to. */
const originOf = (url: string): string => URL.parse(url)?.origin ?? url;

/**
 * Who answers at a URL, however an entry spells it: a WebSocket is opened at an http origin (RFC 6455, section 3), and a
 * name with a dot at its end is the same name (RFC 1034, section 3.1).
 */
const placeOf = (url: string): string => originOf(url.replace(/^ws/i, "http")).replace(/\.(?=:\d+$|$)/, "");

const contradiction = ({ id, place }: Connector, policies: readonly Policy[]): readonly Issue[] => {
  if (requiredAcrOf(policies)?.length !== 0) return [];
  const demanding = policies.findLast(({ requiredAcr }) => requiredAcr.length > 0);
  if (demanding === undefined) return [];
  const template = sentences[demanding.by].requiredAcr;
  const args = ["", demanding.settingOf("requiredAcr")];
  return [{ code: "forbidden", severity: "error", template, args, place, connector: id }];
};
