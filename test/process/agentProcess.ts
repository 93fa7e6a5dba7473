/** An agent in a process of its own: `node agentProcess.ts HOME [URL]`, the URL that every connector is to have. Says where it listens; ends when stdin does. */
import { sleep } from "../../src/core/abort.ts";
import { Board } from "../../src/core/connectors/board/board.ts";
import { Pipeline } from "../../src/core/connectors/pipeline/pipeline.ts";
import { WaitRegistry } from "../../src/core/connectors/wait/waitRegistry.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import type { QuerySource } from "../../src/core/credentials/source.ts";
import type { Finding } from "../../src/core/doctor/finding.ts";
import type { ActiveSession, IdentityService } from "../../src/core/identity/session.ts";
import type { Log } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { english } from "../../src/core/text.ts";
import { startAgent } from "../../src/ipc/start.ts";
import { systemClock } from "../../src/node/clock.ts";
import { brokenNamed, catalogueOf } from "../support/connectors.ts";
import { grants } from "../support/grants.ts";
import { connectors, issuers, longWaitMs, origin, standingOf, userToken, vaultCredential } from "./acme.ts";
import { findScript } from "../../src/node/script/findScript.ts";

const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  return undefined;
}

const session: ActiveSession = {
  id: "alice",
  issuer: issuers.signedIn,
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "alice@acme.example",
  scopes: ["openid"],
  signedInAtMs: 0,
  accessToken: new Secret(userToken),
};

const sessions: Pick<IdentityService, "fresh" | "list"> = {
  fresh: ({ issuer }) =>
    Promise.resolve(
      issuer === issuers.signedIn ? { kind: "active", session } : { kind: "signedOut", cause: "expired" },
    ),
  list: () => Promise.resolve([session]),
};

const headers = (name: string, value: string): Grant =>
  grants.granted({ headers: { [name]: new Secret(value) } });

const good = (): Grant => headers("Authorization", vaultCredential);

const soon = (): number => Date.now() + longWaitMs;

/** What the vault says to each connector, by its name. Those that are not here are ready. */
const fixed: Readonly<Record<string, () => Grant>> = {
  needsConnection: () => grants.needsConnection(),
  reauthenticate: () => grants.reauthenticate(),
  stepUpPage: () => grants.stepUpPage(),
  push: () => grants.push({ expiresAtMs: soon(), intervalMs: 60_000 }),
  pending: () => grants.pending({ expiresAtMs: soon(), intervalMs: 60_000 }),
  denied: () => grants.denied(),
  misconfigured: () => ({
    kind: "misconfigured",
    issues: [
      { code: "sourceRefused", severity: "error", template: "The vault does not know {0}.", args: ["it"] },
    ],
  }),
  unavailable: () => grants.unavailable(),
  expired: () => grants.granted({ expiresAtMs: Date.now() - 1 }),
  noHeaders: () => grants.granted({ headers: {} }),
  splitHeader: () => headers("Authorization", "Bearer x\r\nHost: evil.example.com"),
  unsendableName: () => headers("No Token", "x"),
  nastyReason: () => ({
    kind: "denied",
    by: "policy",
    reason: 'no"},{"Authorization":"Bearer smuggled"}\n{"\u202e\u0000\u001b[31m',
  }),
  nastyUrl: () => grants.needsConnection({ url: "command:workbench.action.terminal.new" }),
};

let approvals = 0;

const askSource: QuerySource = async ({ connector, signal }) => {
  const answeredBy = "vault.example.com";
  switch (connector.name) {
    case "breaks":
      throw new Error("The vault's reply was not foreseen.");
    case "patient":
      await sleep(systemClock, 300, signal);
      return { grant: good(), answeredBy };
    case "stuck":
      await sleep(systemClock, longWaitMs, signal);
      return { grant: good(), answeredBy };
    case "approvedMeanwhile":
      approvals += 1;
      if (approvals > 1) return { grant: good(), answeredBy };
      return { grant: grants.pending({ expiresAtMs: soon(), intervalMs: 100 }), answeredBy };
    default:
      return { grant: fixed[connector.name]?.() ?? good(), answeredBy };
  }
};

/** What this window would find if it looked after itself. */
const findings: readonly Finding[] = [
  { check: "approvals", verdict: "warning", finding: "One waits.", remedy: "Review it." },
  { check: "identity provider", verdict: "ok", finding: "idp.example.com answers." },
];

const [home = "", url] = process.argv.slice(2);
const board = new Board();
const shown = url === undefined ? connectors : connectors.map((each) => ({ ...each, url }));
board.load(catalogueOf(shown, [brokenNamed("broken", { origin })]), standingOf);
const pipeline = new Pipeline({
  board,
  sessions,
  querySource: askSource,
  findScript,
  runScript: () => Promise.reject(new Error("Scripts run where the helper runs.")),
  clock: systemClock,
  fetch: () => Promise.reject(new Error("Nothing here uses the network.")),
  log: silent,
});
const waits = new WaitRegistry({ pipeline, clock: systemClock });
const agent = await startAgent({
  ...{ home, version: "0.0.0-test", board, sessions, clock: systemClock, log: silent, t: english },
  pipeline: waits,
  // A helper has to say who called it.
  consent: ({ pid }) => Promise.resolve({ result: pid > 0 ? "allowed" : "forbidden" }),
  examine: () => Promise.resolve(findings),
});
console.log(JSON.stringify({ isLeading: agent.isLeading(), path: agent.record.address.path }));
process.stdin.resume().once("close", () => {
  waits.dispose();
  void agent.stop().then(() => process.exit(0));
});
