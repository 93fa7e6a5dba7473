import type * as vscode from "vscode";
import { orAfter } from "./core/abort.ts";
import { inBackground } from "./core/background.ts";
import { UserActions } from "./core/connectors/wait/userActions.ts";
import { Approvals } from "./core/connectors/permission/approval.ts";
import { Board } from "./core/connectors/board/board.ts";
import { Pipeline } from "./core/connectors/pipeline/pipeline.ts";
import { Recheck } from "./core/connectors/pipeline/recheck.ts";
import { BackgroundFollower } from "./core/connectors/wait/backgroundFollower.ts";
import { WaitRegistry } from "./core/connectors/wait/waitRegistry.ts";
import { querySource } from "./core/credentials/querySource.ts";
import { SessionCache } from "./core/credentials/sessionCache.ts";
import type { DisposableStore } from "./core/disposable.ts";
import { boundedFetch } from "./core/http.ts";
import { withTrace } from "./core/trace.ts";
import { AccountChoices } from "./core/identity/accountChoices.ts";
import { Discovery } from "./core/identity/idp/discovery.ts";
import type { LateLock } from "./core/identity/refresh/lateLock.ts";
import type { WholeIdentity } from "./core/identity/service.ts";
import type { Ports } from "./core/ports.ts";
import type { SecretsMirror } from "./core/secrets/mirror.ts";
import type { ConfigurationFiles } from "./editor/configuration/configurationFiles.ts";
import { ConfigurationReader } from "./editor/configuration/configurationReader.ts";
import { ContextKeys } from "./editor/status/contextKeys.ts";
import { historyFailed, HistoryView } from "./editor/history/historyView.ts";
import { tokenConsentHere } from "./editor/history/tokenQuestion.ts";
import type { SessionChange } from "./core/identity/session.ts";
import type { History } from "./core/history/history.ts";
import { hostOf } from "./core/urls.ts";
import { HistoryFile } from "./node/historyFile.ts";
import { Doctor } from "./editor/doctor/doctor.ts";
import { Interactions } from "./editor/interactions.ts";
import { Accounts, type AccountsParts } from "./editor/identity/accounts.ts";
import { FolderAccounts } from "./editor/identity/folderAccounts.ts";
import { BoardSync } from "./editor/boardSync.ts";
import type { CommandTargets } from "./editor/commands.ts";
import { answerNeed, type NeedAnswerers } from "./editor/status/answerNeed.ts";
import { ConnectorTools } from "./editor/mcpJson/connectorTools.ts";
import { openMcpJson } from "./editor/mcpJson/mcpJson.ts";
import { showError } from "./editor/errors.ts";
import type { EditorLog } from "./editor/log.ts";
import { guardedHere } from "./editor/configuration/policies.ts";
import { Notifications } from "./editor/status/notifications.ts";
import { memoryOf, type SecretStorage } from "./editor/storage/storage.ts";
import { StorageNotice } from "./editor/storage/storageNotice.ts";
import { Offboarding } from "./editor/identity/offboarding.ts";
import { versionOf } from "./editor/version.ts";
import { ViewProgress } from "./editor/status/viewProgress.ts";
import type { SignIn } from "./editor/identity/signIn.ts";
import type { SignInWait } from "./editor/identity/signInWait.ts";
import type { StatusBar } from "./editor/status/statusBar.ts";
import { ReviewPanel, type ReviewParts } from "./editor/review.ts";
import { Arranging } from "./editor/tree/arranging.ts";
import type { ConnectorsTree } from "./editor/tree/connectorsTree.ts";
import { ConnectorsView } from "./editor/tree/connectorsView.ts";
import { WindowAgent, type WindowAgentParts } from "./editor/agent.ts";
import { clientKeyFiles } from "./editor/identity/clientKeyFiles.ts";
import { clientKeysOf } from "./node/clientKeys.ts";
import { runScriptHere } from "./node/script/runScript.ts";
import { findScript } from "./node/script/findScript.ts";
import { shellHere } from "./node/shell.ts";
import type { McpProvider } from "./editor/vscodeMcp/provider.ts";
import { VscodeMcp } from "./editor/vscodeMcp/vscodeMcp.ts";

export interface EditorContext extends Ports {
  readonly context: vscode.ExtensionContext;
  readonly owned: DisposableStore;
  readonly log: EditorLog;
  readonly files: ConfigurationFiles;
  readonly tree: ConnectorsTree;
  readonly statusBar: StatusBar;
  readonly signIn: SignIn;
  readonly wait: SignInWait;
  readonly identity: WholeIdentity;
  readonly lock: LateLock;
  readonly storage: SecretStorage;
  readonly mcpProvider: McpProvider;
  /** `LANYARD_HOME`: where helpers find the agent. */
  readonly home: string;
}

/** The same, with the rows of the tree. */
interface WindowContext extends EditorContext {
  readonly view: ConnectorsView;
}

export interface Running {
  readonly targets: CommandTargets;
  readonly accounts: Accounts;
  /** Ends what takes time to end: whoever waits is refused, and the endpoint is given back. */
  readonly stop: () => Promise<void>;
}

const storageDelayMs = 500;

/** The one way to a credential. What was asked with a sign-in, and what vaults hold for it, ends with it. */
const pipelineFor = (
  { owned, clock, log, identity, fetch }: EditorContext,
  board: Board,
  history: History,
  keeper: SessionCache,
): Pipeline => {
  const discovery = new Discovery(withTrace(boundedFetch(fetch, clock)), clock);
  const pipeline = new Pipeline({
    ...{ board, clock, fetch, log, keeper, querySource, history },
    sessions: guardedHere(identity),
    signRequest: (ask, token) => identity.signer(ask.session, token),
    findScript,
    shell: shellHere,
    runScript: runScriptHere(process.env),
    tokenEndpoint: (issuer, signal) => discovery.tokenEndpoint(issuer, signal),
    clientKey: clientKeysOf(clientKeyFiles),
  });
  owned.add(
    identity.onDidChange(({ removed }) => {
      for (const { id, cause } of removed) {
        pipeline.sessionEnded(id, cause);
        inBackground("vaults.forget", () => keeper.forget(id));
      }
    }),
  );
  return pipeline;
};

const mirrorTo = (agent: WindowAgent, mirror: SecretsMirror | undefined, owned: DisposableStore): void => {
  if (mirror === undefined) return;
  owned.add(mirror.onTell((sealed) => agent.tell({ kind: "secret", sealed })));
  owned.add(agent.onDidChangeWindows(() => mirror.retell()));
  inBackground("secrets.mirror", () => mirror.prepare());
};

/** What a person has decided here holds in the other windows. */
const tellDecisions = (
  agent: WindowAgent,
  decided: readonly Pick<Approvals, "onDidChange">[],
  owned: DisposableStore,
): void => {
  for (const { onDidChange } of decided) owned.add(onDidChange(() => agent.tell({ kind: "approvals" })));
};

const openVscodeMcp = async (
  around: WindowContext,
  board: Board,
  waits: WaitRegistry,
): Promise<VscodeMcp> => {
  const { context, owned, view, mcpProvider } = around;
  const vscodeMcp = owned.add(
    new VscodeMcp({
      ...{ ...around, board, waits },
      extensionId: context.extension.id,
      workspaceMemory: memoryOf(context.workspaceState),
      show: (notice) => view.setMcpNotice(notice),
    }),
  );
  await vscodeMcp.start();
  mcpProvider.use(vscodeMcp);
  return vscodeMcp;
};

const notifyFrom = (
  { owned, clock, memory, context, log, tree }: EditorContext,
  { board, acts, ...others }: NeedAnswerers & { readonly board: Board; readonly acts: UserActions },
): void => {
  owned.add(
    new Notifications({
      ...{ board, acts, clock, memory },
      workspaceMemory: memoryOf(context.workspaceState),
      isInSight: () => tree.view.visible,
      run: (need) => answerNeed(need, { ...others, board }),
      onError: (error) => showError(error, log),
    }),
  );
};

const reviewFrom = (
  { log }: EditorContext,
  parts: Pick<ReviewParts, "board" | "approvals" | "onApproved">,
): ReviewPanel => new ReviewPanel({ ...parts, onError: (error) => showError(error, log) });

/** What other windows tell: a secret is stored here too, anything else has the board read anew. */
const newsListener = (
  { owned, clock, storage }: EditorContext,
  reload: () => void,
): WindowAgentParts["onNews"] => {
  const { mirror } = storage;
  return (news) => {
    if (news.kind === "secret") {
      if (mirror !== undefined) inBackground("secrets.mirror", () => mirror.take(news.sealed));
      return;
    }
    reload();
    // What another window stored may be seen here only then.
    owned.after(clock, storageDelayMs, reload);
  };
};

const historyOf = ({ home, clock, log }: EditorContext): History =>
  new HistoryFile({ home, clock, onError: (error) => showError(historyFailed(home, error), log) });

/** One window notes what all of them learn. */
const noteSessions =
  (history: History, agent: Pick<WindowAgent, "isLeading">) =>
  ({ added, removed }: SessionChange): void => {
    if (!agent.isLeading()) return;
    for (const { issuer } of added) history.note({ kind: "signIn", issuer: hostOf(issuer) });
    for (const { issuer, cause } of removed)
      history.note({ kind: "signOut", issuer: hostOf(issuer), outcome: cause });
  };

/** What shows the board, once there is one. */
const showFrom = (
  around: WindowContext,
  parts: NeedAnswerers & { readonly board: Board; readonly acts: UserActions },
): void => {
  const { owned, log, identity, files, view, statusBar, wait, storage } = around;
  const { board, acts } = parts;
  owned.add(new ViewProgress(acts));
  owned.add(openMcpJson(files, board, around.signIn));
  owned.add(new ContextKeys({ board, identity, acts, view, wait }));
  statusBar.show(board);
  notifyFrom(around, parts);
  const onError = (error: unknown): void => showError(error, log);
  owned.add(new StorageNotice({ board, storage: storage.bounded, onError }));
};

const accountsFrom = (
  around: WindowContext,
  parts: Pick<AccountsParts, "waits" | "acts" | "review"> & {
    readonly board: Board;
    readonly choices: AccountChoices;
  },
): Accounts => new Accounts({ ...around, ...parts, folders: new FolderAccounts({ ...around, ...parts }) });

/** The editor ends an extension host that takes longer than some seconds to go. */
const longestReleaseMs = 2_000;

const ended = async (
  agent: WindowAgent,
  keeper: SessionCache,
  clock: EditorContext["clock"],
): Promise<void> => {
  const released = orAfter(keeper.forgetAll(), clock, longestReleaseMs, () => undefined);
  await Promise.all([agent.stop(), released]);
};

/** Puts together everything that a window needs once it has a connector. Loaded on first need. */
export const composeLanyard = async (shell: EditorContext): Promise<Running> => {
  const { owned, clock, log, memory, identity, files, signIn } = shell;
  const board = owned.add(new Board());
  const acts = owned.add(new UserActions());
  const view = owned.add(new ConnectorsView({ ...shell, board, actions: acts }));
  const around: WindowContext = { ...shell, view };
  const history = historyOf(around);
  const keeper = new SessionCache(around.lock.run);
  const pipeline = pipelineFor(around, board, history, keeper);
  const waits = owned.add(new WaitRegistry({ pipeline, clock }));
  const standby = owned.add(new BackgroundFollower({ pipeline, waits, actions: acts }));
  owned.add(new Recheck({ board, pipeline, clock, random: Math.random }));
  const interactions = new Interactions({ board, waits, acts, standby, signIn, identity, clock, log });
  const approvals = new Approvals(memory, history, () => clock.now());
  const configuration = new ConfigurationReader(files);
  const choices = new AccountChoices(memory);
  const sync = owned.add(new BoardSync({ ...around, board, approvals, waits, configuration, choices }));
  const review = owned.add(reviewFrom(around, { board, approvals, onApproved: () => sync.reload() }));
  const accounts = owned.add(accountsFrom(around, { choices, board, waits, acts, review }));
  const readAndReload = async (): Promise<void> => {
    await files.start();
    await sync.reload();
  };
  const tools = new ConnectorTools({ ...around, board, review, pipeline, accounts, reload: readAndReload });
  const vscodeMcp = await openVscodeMcp(around, board, waits);
  const version = versionOf(around.context);
  const doctor = owned.add(new Doctor({ ...around, version, board, configuration }));
  const arranging = new Arranging(view, memoryOf(around.context.workspaceState));
  showFrom(around, { board, acts, review, accounts, interactions });
  const reload = (): void => inBackground("board.reload", () => sync.reload());
  const onNews = newsListener(around, reload);
  const examine: WindowAgentParts["examine"] = (signal) => doctor.examineWindow(signal);
  const onTrouble: WindowAgentParts["onTrouble"] = (trouble) => view.setTrouble(trouble);
  const own = { consent: tokenConsentHere(clock), history, onNews, examine, onTrouble };
  const agent = new WindowAgent({ ...around, identity: guardedHere(identity), board, waits, acts, ...own });
  owned.add(identity.onDidChange(noteSessions(history, agent)));
  tellDecisions(agent, [approvals, choices], owned);
  mirrorTo(agent, around.storage.mirror, owned);
  await agent.start();
  owned.add(new Offboarding({ ...around, board, waits, agent }));
  await sync.reload();
  return {
    targets: {
      ...{ accounts, sync, waits, review, interactions, tools, arranging, vscodeMcp, doctor, view, log },
      history: owned.add(new HistoryView(around.home)),
    },
    accounts,
    stop: () => ended(agent, keeper, clock),
  };
};
