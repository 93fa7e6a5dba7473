import { readFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Running } from "./composition.ts";
import { inBackground, onBackgroundFailure } from "./core/background.ts";
import { DisposableStore, type Disposable } from "./core/disposable.ts";
import type { Ports } from "./core/ports.ts";
import { LateLock } from "./core/identity/refresh/lateLock.ts";
import type { WholeIdentity } from "./core/identity/service.ts";
import type { IdentityService, ReceiverStart, SignInOutcome } from "./core/identity/session.ts";
import { sessionIndexKey, sessionKeyPrefix } from "./core/identity/sessions/sessionKeys.ts";
import { LanyardAuthenticationProvider } from "./editor/authenticationProvider.ts";
import { openWalkthrough, registerCommands } from "./editor/commands.ts";
import { ConfigurationFiles } from "./editor/configuration/configurationFiles.ts";
import type { Doctor } from "./editor/doctor/doctor.ts";
import { backgroundFailures, showError } from "./editor/errors.ts";
import { createLog, type EditorLog } from "./editor/log.ts";
import { UriCallbacks } from "./editor/identity/uriCallbacks.ts";
import { redirectHere, senderConstrainedHere } from "./editor/configuration/settings.ts";
import type { SignIn } from "./editor/identity/signIn.ts";
import { SignInWait } from "./editor/identity/signInWait.ts";
import { waysOnCommands } from "./editor/identity/waysOnCommands.ts";
import { StatusBar } from "./editor/status/statusBar.ts";
import { memoryOf, openSecretStorage, type SecretStorage } from "./editor/storage/storage.ts";
import { Telemetry } from "./editor/telemetry.ts";
import { ConnectorsTree } from "./editor/tree/connectorsTree.ts";
import { McpProvider } from "./editor/vscodeMcp/provider.ts";
import { systemClock } from "./node/clock.ts";
import { wideFetch } from "./node/wideFetch.ts";

/** What is there from the start: cheap, and enough to show that there is nothing to do. */
interface Shell {
  readonly context: vscode.ExtensionContext;
  readonly owned: DisposableStore;
  readonly log: EditorLog;
  readonly files: ConfigurationFiles;
  /** Reads the files once. */
  readonly filesRead: () => Promise<void>;
  readonly tree: ConnectorsTree;
  readonly statusBar: StatusBar;
  readonly callbacks: UriCallbacks;
  readonly telemetry: Telemetry;
  readonly mcpProvider: McpProvider;
  readonly provider: LanyardAuthenticationProvider;
  /** Loaded once: one sign-in at a time in this window. */
  readonly signIn: () => Promise<SignIn>;
  readonly wait: SignInWait;
  /** Lets one window at a time renew a session. */
  readonly lock: LateLock;
  /** Opens the secret storage once. */
  readonly storage: () => Promise<SecretStorage>;
  /** Loads the rest once, on first need. */
  readonly rest: () => Promise<Running>;
}

/**
 * The editor patches the global `fetch` for its proxy and certificates when it likes: it is looked up at each call. One for
 * all that this window asks: what it learns of an origin holds for everything that goes there.
 */
const editorFetch: Ports["fetch"] = wideFetch((url, init) => fetch(url, init));

let stop: () => Promise<void> = () => Promise.resolve();

/** Registers everything at once, and loads the rest when a connector or a command asks for it. */
export const activate = async (context: vscode.ExtensionContext): Promise<void> => {
  const shell = openShell(context);
  context.subscriptions.push(shell.owned);
  const wake = (): void => {
    // A start that fails is told where it fails, once.
    if (shell.files.mentionsUserAuth()) shell.rest().catch(() => undefined);
  };
  shell.owned.add(shell.files.onDidChange(wake));
  await shell.filesRead();
  inBackground("start.tell", async () => {
    const { tellStart } = await import("./editor/status/contextKeys.ts");
    const { files, rest } = shell;
    await tellStart({ rest, filesFound: () => files.searched(), isWanted: () => files.mentionsUserAuth() });
  });
};

export const deactivate = (): Promise<void> => stop();

const openShell = (context: vscode.ExtensionContext): Shell => {
  const owned = new DisposableStore();
  let reading: Promise<void> | undefined;
  let loading: Promise<Running> | undefined;
  let storage: Promise<SecretStorage> | undefined;
  let identity: Promise<WholeIdentity> | undefined;
  let signIn: Promise<SignIn> | undefined;
  const rest = (): Promise<Running> =>
    (loading ??= compose(shell, loadIdentity).catch((error: unknown) => startFailed(shell, error)));
  const loadIdentity = (): Promise<WholeIdentity> => (identity ??= composeIdentity(shell));
  const loadGuarded = guarded(loadIdentity);
  const filesRead = (): Promise<void> => (reading ??= shell.files.start());
  const log = openLog(owned);
  const callbacks = owned.add(new UriCallbacks());
  const wait = owned.add(new SignInWait());
  const shell: Shell = {
    context,
    owned,
    log,
    callbacks,
    signIn: () => (signIn ??= loadSignIn(shell, loadGuarded)),
    wait,
    rest,
    filesRead,
    lock: new LateLock(),
    storage: () => (storage ??= openSecretStorage(context.secrets, owned, { clock: systemClock, log })),
    files: owned.add(new ConfigurationFiles()),
    tree: owned.add(new ConnectorsTree()),
    statusBar: owned.add(new StatusBar()),
    telemetry: owned.add(new Telemetry({ clock: systemClock, fetch: editorFetch, log })),
    mcpProvider: owned.add(new McpProvider({ clock: systemClock, loaded: () => loaded(shell) })),
    provider: owned.add(
      new LanyardAuthenticationProvider({
        identity: loadGuarded,
        signIn: async (need) => (await shell.signIn()).run(need),
        signOut: async (sessionId) => (await rest()).accounts.endSession(sessionId),
        mayHaveSessions: sessionsSeen(context, owned, () => shell.storage()),
      }),
    ),
  };
  owned.add(commandsOf(shell, loadIdentity));
  return shell;
};

/** Whenever it was that the connectors were asked for. */
const startFailed = async ({ log, tree }: Shell, error: unknown): Promise<never> => {
  const { failedStart } = await import("./editor/status/failedStart.ts");
  throw failedStart(error, { log, isInSight: tree.view.visible });
};

/** The log, which hears of what fails in the background too. */
const openLog = (owned: DisposableStore): EditorLog => {
  const log = owned.add(createLog());
  owned.add(onBackgroundFailure(backgroundFailures(log)));
  return log;
};

const loadSignIn = async (shell: Shell, identity: () => Promise<IdentityService>): Promise<SignIn> => {
  const [{ SignIn }, { knownFor }, { receiversHere }] = await Promise.all([
    import("./editor/identity/signIn.ts"),
    import("./editor/identity/knownFor.ts"),
    import("./editor/identity/receivers.ts"),
  ]);
  const { context, callbacks, wait, tree, telemetry } = shell;
  return new SignIn({
    ...{ wait, identity },
    knownFor: (request) => knownFor(memoryOf(context.globalState), request),
    settle: async (...ended) => (await shell.rest()).accounts.folders.settle(...ended),
    connectors: () => tree.connectorsThatMayBeAsked(),
    receivers: ({ redirectUri }) =>
      receiversHere(context.extension, callbacks, () => loopbackReceiver(context, redirectUri)),
    onEnd: (outcome) => tellSignIn(telemetry, outcome),
  });
};

const tellSignIn = (telemetry: Telemetry, outcome: SignInOutcome): void =>
  telemetry.note({
    kind: "signIn",
    outcome: outcome.kind === "failed" ? outcome.failure : outcome.kind,
  });

const guarded =
  (load: () => Promise<WholeIdentity>): (() => Promise<IdentityService>) =>
  async () =>
    (await import("./editor/configuration/policies.ts")).guardedHere(await load());

/**
 * Whether anybody signed in, ever, in whichever profile. What another window notes in `globalState` comes here later than
 * the secret itself, and what another profile notes there never.
 */
const sessionsSeen = (
  { globalState, secrets }: vscode.ExtensionContext,
  owned: DisposableStore,
  storage: () => Promise<SecretStorage>,
): (() => Promise<boolean>) => {
  let isTold = false;
  owned.add(
    secrets.onDidChange(({ key }) => {
      isTold ||= key.startsWith(sessionKeyPrefix);
    }),
  );
  const isKnown = (): boolean => isTold || globalState.get(sessionIndexKey) !== undefined;
  const isListed = async (): Promise<boolean> =>
    (await (await storage()).secrets.get(sessionIndexKey).catch(() => undefined)) !== undefined;
  return async () => isKnown() || isListed();
};

/** Resolves once the window has its connectors; at once where no file speaks of one. */
const loaded = async ({ files, filesRead, rest }: Shell): Promise<void> => {
  await filesRead();
  if (files.mentionsUserAuth()) await rest();
};

const commandsOf = (shell: Shell, identity: () => Promise<WholeIdentity>): Disposable => {
  let doctor: Promise<Doctor> | undefined;
  const alone = (): Promise<Doctor> => (doctor ??= openDoctorAlone(shell, identity));
  return registerCommands({
    targets: async () => (await shell.rest()).targets,
    shell: {
      "lanyard.getStarted": () => openWalkthrough(shell.context.extension.id),
      "lanyard.removeEverything": () => farewell(shell, identity),
      "lanyard.setUpClients": async () => (await import("./editor/clients/setUpClients.ts")).setUpClients(),
      ...waysOnCommands(shell.wait),
    },
    afterFailedStart: {
      "lanyard.showLog": () => shell.log.show(),
      "lanyard.runDoctor": async () => (await alone()).run(),
      "lanyard.copyDoctorReport": async () => (await alone()).copyReport(),
    },
    onError: (error) => showError(error, shell.log),
  });
};

/** The connectors could not be loaded, so nothing of theirs takes part. */
const openDoctorAlone = async (shell: Shell, loadIdentity: () => Promise<WholeIdentity>): Promise<Doctor> => {
  const { doctorAlone } = await import("./editor/doctor/doctorAlone.ts");
  const [identity, ports, signIn] = await Promise.all([loadIdentity(), portsOf(shell), shell.signIn()]);
  const { owned, context, files } = shell;
  return owned.add(await doctorAlone({ ...ports, context, files, identity, signIn, home: homeHere() }));
};

/** Needs no connector, and must not start what it is about to end. */
const farewell = async (
  { context, storage }: Shell,
  identity: () => Promise<WholeIdentity>,
): Promise<void> => {
  const { removeEverything } = await import("./editor/storage/removeEverything.ts");
  const parts = { context, identity: await identity(), storage: await storage(), home: homeHere() };
  await removeEverything({ ...parts, stop: () => stop() });
};

/** LANYARD_HOME: where helpers find the agent. Set to nothing is not set, as for the launcher. */
const homeHere = (): string => process.env["LANYARD_HOME"] || path.join(os.homedir(), ".lanyard");

const loopbackReceiver = async (
  context: vscode.ExtensionContext,
  redirectUri = redirectHere(),
): ReturnType<ReceiverStart> => {
  const [{ startLoopback }, { resultPage }, template] = await Promise.all([
    import("./node/loopback.ts"),
    import("./core/identity/resultPage.ts"),
    readFile(path.join(context.extensionPath, "media", "sign-in-result.html"), "utf8"),
  ]);
  const page = resultPage({ template, lang: vscode.env.language, translate: vscode.l10n.t });
  return startLoopback({
    ...{ clock: systemClock, page },
    ...(redirectUri === undefined ? {} : { redirectUri }),
  });
};

const composeIdentity = async (shell: Shell): Promise<WholeIdentity> => {
  const { createIdentityService } = await import("./core/identity/service.ts");
  const { owned, provider } = shell;
  const identity = owned.add(
    createIdentityService(await portsOf(shell), {
      withLock: shell.lock.run,
      senderConstrained: senderConstrainedHere,
    }),
  );
  owned.add(identity.onDidChange((change) => provider.announce(change)));
  owned.add(
    identity.onDidChange(({ removed }) => {
      for (const { cause } of removed) shell.telemetry.note({ kind: "sessionEnded", cause });
    }),
  );
  return identity;
};

const compose = async (shell: Shell, loadIdentity: () => Promise<WholeIdentity>): Promise<Running> => {
  const [{ composeLanyard }, identity, ports, signIn] = await Promise.all([
    import("./composition.ts"),
    loadIdentity(),
    portsOf(shell),
    shell.signIn(),
  ]);
  const running = await composeLanyard({ ...shell, ...ports, identity, signIn, home: homeHere() });
  stop = running.stop;
  return running;
};

const portsOf = async ({
  context,
  log,
  storage,
}: Shell): Promise<Ports & { readonly log: EditorLog; readonly storage: SecretStorage }> => {
  const opened = await storage();
  return {
    clock: systemClock,
    fetch: editorFetch,
    secrets: opened.secrets,
    storage: opened,
    memory: memoryOf(context.globalState),
    log,
  };
};
