import type { Connector } from "../config/connector.ts";
import { destinationsOf } from "../credentials/querySource.ts";
import { toolRulesText } from "../mcp/toolRules.ts";
import { asciiUrl } from "../urls.ts";
import { lookAlikes } from "./lookAlikes.ts";

/** What a person agrees to, fact by fact, in the order in which they are shown. */
export const factKinds = [
  "command",
  "url",
  "issuer",
  "tokenHosts",
  "idTokenHosts",
  "clientKey",
  "variables",
  "clientId",
  "scopes",
  "resource",
  "parameters",
  "tools",
  "transport",
  "source",
] as const;
export type FactKind = (typeof factKinds)[number];

/** Without the values of variables: this is kept, to be compared with what the entry says later. */
export type Facts = Readonly<Partial<Record<FactKind, string>>>;

export interface Agreement {
  readonly facts: Facts;
  /** Letters that may look like others, by their numbers. */
  readonly lookAlikes: readonly string[];
  /** The command gets the access token itself. */
  readonly isScript: boolean;
  /** Clients start the command, whichever they are. */
  readonly isBridge: boolean;
}

export const agreementOf = (connector: Connector): Agreement => {
  const { userAuth, helper, helperCommand, shown, credential } = connector;
  const script = helper.kind === "script" ? helper.command : undefined;
  const hosts = [...new Set(destinationsOf(connector).map(wholeHost))];
  const facts = {
    command: script ?? helperCommand,
    url: shownUrl(shown?.url, connector.url),
    issuer: shownUrl(shown?.issuer, userAuth.issuer),
    tokenHosts: hosts.join(" "),
    idTokenHosts: idTokenHosts(connector, hosts).join(" "),
    clientKey: keyOf(connector),
    variables: shown?.variables.join(" "),
    clientId: userAuth.clientId,
    scopes: userAuth.scopes.join(" "),
    resource: userAuth.resource,
    parameters: Object.entries(userAuth.parameters ?? {})
      .map(([name, value]) => `${name}=${oneWord(value)}`)
      .join(" "),
    tools: toolRulesText(userAuth.tools ?? {}),
    transport: connector.transport,
    source: shown?.credential ?? JSON.stringify(credential, null, 1),
  } satisfies Partial<Record<FactKind, string | undefined>>;
  const kept = Object.entries(facts).filter(([, text]) => text !== undefined && text !== "");
  const seen = [connector.name, connector.url, userAuth.issuer, ...kept.map(([, text]) => text)].join("\n");
  return {
    ...{ facts: Object.fromEntries(kept), lookAlikes: lookAlikes(seen) },
    ...{ isScript: script !== undefined, isBridge: helper.kind === "bridge" },
  };
};

/** Where the ID token goes as well, or instead: a source names it in its own words, or in a template. */
const idTokenHosts = ({ credential }: Connector, hosts: readonly string[]): readonly string[] => {
  if (credential.source !== "id-jag")
    return /id_token|\{idToken\}/.test(JSON.stringify(credential)) ? hosts : [];
  // The identity provider is the first of the two; the other one gets what it answers.
  return credential["subjectToken"] === "access_token" ? [] : hosts.slice(0, 1);
};

/** The name of the private key that signs for the person. */
const keyOf = ({ credential }: Connector): string | undefined =>
  typeof credential["clientKey"] === "string" ? credential["clientKey"] : undefined;

/** A value that would read as several, or as the next parameter, in quotes. */
const oneWord = (value: string): string => (/[\s"=]/.test(value) ? JSON.stringify(value) : value);

/** As the network takes it, its host in ASCII; one that holds a variable by the variable's name, and its host beside. */
const shownUrl = (written: string | undefined, url: string): string => {
  if (written === undefined || written === url) return asciiUrl(url);
  return `${written} (${wholeHost(url)})`;
};

/** The host of a URL that `agreementOf` shows: the one that it has, where a variable makes it look otherwise. */
export const shownHost = (text: string): string | undefined =>
  / \(([^()\s]+)\)$/.exec(text)?.[1] ?? URL.parse(text)?.host;

const wholeHost = (url: string): string => URL.parse(url)?.host ?? url;
