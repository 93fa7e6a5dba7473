import type { Connector } from "../../src/core/config/connector.ts";
import type { Permission } from "../../src/core/connectors/board/status.ts";
import { connectorNamed } from "../support/connectors.ts";

/** A name that a shell, JSON and a command line would each like to misread. */
export const oddName = `odd "quotes' $(touch gone) \`touch gone\` \\ äöü 世界 %s`;

/** One that does not stand on one line, and would give itself out as a person if lines were all that counted. */
export const twoLines = "ready\nasker=person";

/** What the vault's headers and the session hold: to look for in what is printed. */
export const vaultCredential = "Bearer vault-credential-canary";
export const userToken = "user-token-canary";

export const issuers = {
  signedIn: "https://idp.example.com",
  signedOut: "https://signed-out.example.com",
} as const;

export const longWaitMs = 120_000;

/** Only the shell could tell what it runs, so each test may bring its own. */
const script = { kind: "script", command: "$SCRIPT", stdin: false } as const;
const oneScript = { kind: "script", command: "'./get headers.sh' --team acme", stdin: false } as const;

/** Of no folder: each test runs its helpers where it likes. */
export const origin = { kind: "user", file: "/home/alice/.claude.json" } as const;

const named = (name: string, over: Partial<Connector> = {}): Connector =>
  connectorNamed(name, { url: urlOf(name), origin, ...over });

/** Each connector's URL, with something in it that must not be shown. */
export const urlOf = (name: string): string =>
  `https://mcp.example.com/${encodeURIComponent(name)}?key=url-canary`;

const at = (issuer: string): Partial<Connector> => ({
  userAuth: { issuer, clientId: "lanyard", scopes: ["openid"] },
});

/** The connectors of the test's agent; what becomes of each is in its name (see `answerFor` in agentProcess.ts). */
export const connectors: readonly Connector[] = [
  ...[
    ...["ready", oddName, "needsConnection", "reauthenticate", "stepUpPage", "push", "pending", "denied"],
    ...["misconfigured", "unavailable", "expired", "noHeaders", "splitHeader", "unsendableName", "breaks"],
    ...["patient", "stuck", "approvedMeanwhile", "nastyReason", "nastyUrl", twoLines],
  ].map((name) => named(name)),
  named("signedOut", at(issuers.signedOut)),
  ...["untrusted", "unapproved", "changed"].map((name) => named(name)),
  ...["scripted", "scriptedOther"].map((name) => named(name, { helper: script })),
  named("oneScript", { helper: oneScript }),
];

export const standingOf = ({ name }: Connector): Permission =>
  name === "untrusted" || name === "unapproved" || name === "changed" ? name : "approved";
