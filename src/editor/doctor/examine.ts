import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board/board.ts";
import { isForbidden } from "../../core/connectors/permission/forbidden.ts";
import { isIssuerAllowed } from "../../core/connectors/permission/policy.ts";
import { lastAnswer } from "../../core/connectors/board/status.ts";
import { judgeBridges } from "../../core/doctor/bridge.ts";
import { judgeClaudeCode, judgeTrust, versionIn } from "../../core/doctor/claudeCode.ts";
import { findingsInOrder, judgesOf, type Finding } from "../../core/doctor/finding.ts";
import { judgeGuards } from "../../core/doctor/guard.ts";
import {
  judgeAgent,
  judgeCurl,
  judgeDirectory,
  judgeEndpoint,
  judgeLauncher,
  judgeLeader,
  type AgentFacts,
} from "../../core/doctor/helper.ts";
import { probeIssuer, type IssuerFacts } from "../../core/doctor/issuerProbe.ts";
import { issuersHere } from "../../core/doctor/issuers.ts";
import { issuerNotAsked, judgeIssuer } from "../../core/doctor/network.ts";
import { judgeProxy } from "../../core/doctor/proxy.ts";
import { judgeApprovals, judgeFailedSignIns, judgeSignIn, judgeStorage } from "../../core/doctor/signIn.ts";
import { probeStorage } from "../../core/doctor/storageProbe.ts";
import { defaultRedirect } from "../../core/identity/redirect.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import type { Ports } from "../../core/ports.ts";
import {
  lookAtDirectory,
  lookAtEndpoint,
  lookAtLauncher,
  lookForAgent,
} from "../../ipc/doctor/installation.ts";
import { lookThroughLeader } from "../../ipc/doctor/leader.ts";
import { lookForTrust } from "../../ipc/doctor/claudeTrust.ts";
import { lookForClaudeCode, lookForCurl } from "../../ipc/doctor/programs.ts";
import { canListen } from "../../node/canListen.ts";
import type { ConfigurationReader } from "../configuration/configurationReader.ts";
import { policiesHere } from "../configuration/policies.ts";
import type { SignIn } from "../identity/signIn.ts";
import { chosenWay, placeOf } from "../identity/receivers.ts";
import { uriRedirect } from "../identity/uriCallbacks.ts";
import type { SecretStorage } from "../storage/storage.ts";
import { redirectHere } from "../configuration/settings.ts";
import { proxyHere } from "../proxyHere.ts";

const t = vscode.l10n.t;

export interface ExamineParts extends Pick<Ports, "fetch" | "clock"> {
  readonly context: vscode.ExtensionContext;
  readonly home: string;
  readonly version: string;
  readonly board: Board;
  readonly configuration: Pick<ConfigurationReader, "catalogue">;
  readonly identity: Pick<IdentityService, "list">;
  readonly storage: SecretStorage;
  readonly signIn: Pick<SignIn, "failures">;
}

const programLimitMs = 5000;

/** All that there is to look at. Rejects when the signal fires. */
export const examine = async (parts: ExamineParts, signal: AbortSignal): Promise<readonly Finding[]> => {
  const [inWindow, onMachine] = await Promise.all([
    examineWindow(parts, signal),
    examineMachine(parts, signal),
  ]);
  signal.throwIfAborted();
  return findingsInOrder([...inWindow, ...onMachine]);
};

/** What only a window can see: the way to the identity providers, sign-in, storage, approvals. */
export const examineWindow = async (
  parts: ExamineParts,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const { board, storage } = parts;
  const [issuers, signIn, probe] = await Promise.all([
    examineIssuers(parts, signal),
    signInFacts(parts),
    probeStorage(storage.bounded),
  ]);
  const where = vscode.env.uiKind === vscode.UIKind.Web ? "browser" : "desktop";
  return findingsInOrder([
    ...issuers.findings,
    ...judgeProxy(proxyHere(), t),
    ...judgeSignIn({ ...signIn, issuers: issuers.answered }, t),
    ...judgeFailedSignIns(parts.signIn.failures(), t),
    judgeStorage({ probe, hasLost: hasLost(board), where }, t),
    ...judgeApprovals(approvalsOf(board), t),
    ...judgeGuards(parts.configuration.catalogue(), t),
    ...judgeBridges(board.entries(), t),
  ]);
};

const examineMachine = async (
  { home, version, board }: ExamineParts,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const asking = { variables: process.env, timeoutMs: programLimitMs, signal };
  const [launcher, endpoint, directory, [agent, leader], curl, claudeCode, trusts] = await Promise.all([
    lookAtLauncher(home),
    lookAtEndpoint(home),
    lookAtDirectory(home),
    lookForLeader(home, signal),
    lookForCurl(asking),
    lookForClaudeCode(asking),
    Promise.all(foldersOf(board).map((folder) => lookForTrust(folder, process.env))),
  ]);
  return [
    judgeLauncher(launcher, version, t),
    judgeEndpoint(endpoint, process.pid, t),
    judgeDirectory(directory, process.pid, t),
    judgeAgent(agent, process.pid, t),
    ...judgeLeader(leader, t),
    judgeCurl(curl, t),
    judgeClaudeCode(claudeCode, t),
    ...trusts.flatMap((facts) => judgeTrust(facts, versionIn(claudeCode), t)),
  ];
};

/** Who answers helpers; and what that window sees, where it is another. */
const lookForLeader = async (
  home: string,
  signal: AbortSignal,
): Promise<readonly [AgentFacts, readonly Finding[]]> => {
  const agent = await lookForAgent(home, programLimitMs);
  const isOther = agent.kind === "answers" && agent.pid !== process.pid;
  return [agent, isOther ? await lookThroughLeader(home, programLimitMs, signal) : []];
};

/** The folders whose `.mcp.json` has connectors: there Claude Code looks for trust. */
const foldersOf = (board: Board): readonly string[] => [
  ...new Set(
    board
      .entries()
      .flatMap(({ connector: { origin } }) => (origin.kind === "workspace" ? [origin.folder] : [])),
  ),
];

interface ExaminedIssuers {
  readonly findings: readonly Finding[];
  /** Who gave metadata, and whether a sign-in by code is offered there. */
  readonly answered: readonly { readonly issuer: string; readonly device: boolean }[];
}

const examineIssuers = async (
  { board, identity, fetch, clock }: ExamineParts,
  signal: AbortSignal,
): Promise<ExaminedIssuers> => {
  const policies = policiesHere();
  const sessions = (await identity.list())
    .map(({ issuer }) => issuer)
    .filter((issuer) => isIssuerAllowed(issuer, policies));
  const { probe, leave } = issuersHere(board.entries(), sessions, vscode.workspace.isTrusted);
  const facts = await Promise.all(probe.map((issuer) => probeIssuer(issuer, { fetch, clock }, signal)));
  const findings = [
    ...facts.flatMap((each) => judgeIssuer(each, t)),
    ...leave.map(({ issuer, why }) => issuerNotAsked(issuer, why, t)),
  ];
  if (findings.length === 0)
    findings.push(judgesOf("identity provider").ok(t("No connector here names one.")));
  return { findings, answered: facts.flatMap(answeredOf) };
};

const answeredOf = ({ issuer, answer }: IssuerFacts): ExaminedIssuers["answered"] =>
  answer.kind === "metadata" ? [{ issuer, device: answer.device }] : [];

const signInFacts = async ({
  context,
  board,
}: ExamineParts): Promise<Omit<Parameters<typeof judgeSignIn>[0], "issuers">> => ({
  place: await placeOf(context.extension),
  chosen: chosenWay(),
  canListen: await canListen(),
  uriRedirect: uriRedirect(),
  loopbackRedirects: redirectsOf(board),
});

/** What each sign-in here is asked to come back to; what holds for none of them where there is no connector. */
const redirectsOf = (board: Board): readonly string[] => {
  const otherwise = redirectHere() ?? defaultRedirect;
  const named = board.entries().map(({ connector }) => connector.userAuth.redirectUri ?? otherwise);
  return [...new Set(named.length === 0 ? [otherwise] : named)];
};

const hasLost = (board: Board): boolean =>
  board.entries().some(({ status }) => {
    const answer = lastAnswer(status);
    return answer?.kind === "signedOut" && answer.cause === "storageLost";
  });

const approvalsOf = (board: Board): Parameters<typeof judgeApprovals>[0] => {
  const kinds = board.entries().map(({ status }) => status.kind);
  const unapproved = kinds.filter((kind) => kind === "unapproved").length;
  const untrusted = kinds.filter((kind) => kind === "untrusted").length;
  const forbidden = board.broken().filter(isForbidden).length;
  return {
    ...{ unapproved, untrusted, forbidden },
    approved: kinds.length - unapproved - untrusted,
    broken: board.broken().length - forbidden,
  };
};
