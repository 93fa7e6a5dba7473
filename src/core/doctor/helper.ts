import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";

/** The command that Claude Code's `headersHelper` calls, as it lies on the disk. */
export type LauncherFacts =
  | { readonly kind: "missing" | "notExecutable"; readonly file: string }
  | {
      readonly kind: "present";
      readonly file: string;
      /** Which version wrote it; absent where it does not say. */
      readonly version?: string;
      /** Whether the Node helper beside it is there. */
      readonly hasHelper: boolean;
      /** The editor is run from a place that macOS made for this one start. */
      readonly isTranslocated?: boolean;
      /** What came of running it. */
      readonly trial: "runs" | "forbidden" | "failed" | "unknown";
    };

/** @param current the version that runs; absent where none is known. Pure. */
export const judgeLauncher = (facts: LauncherFacts, current: string | undefined, t: Translate): Finding => {
  const judge = judgesOf("launcher");
  const reload = t("Reload the VS Code window; Lanyard writes it again.");
  if (facts.kind !== "present") {
    return judge.failed(t("{0} is not there or cannot be run.", facts.file), reload);
  }
  if (!facts.hasHelper) return judge.failed(t("{0} lacks the program beside it.", facts.file), reload);
  if (facts.trial === "forbidden") {
    return judge.failed(
      t("{0} may not be run: the disk that it lies on forbids programs (noexec).", facts.file),
      t(
        "Set LANYARD_HOME to a folder on another disk, for VS Code and for Claude Code, and reload the window.",
      ),
    );
  }
  if (facts.trial === "failed") {
    return judge.failed(
      t("{0} does not run.", facts.file),
      t("Run it in a terminal with --version to see why."),
    );
  }
  if (current !== undefined && facts.version !== current) {
    return judge.warning(
      t("{0} is of version {1}, and Lanyard of version {2}.", facts.file, facts.version ?? "?", current),
      reload,
    );
  }
  if (facts.isTranslocated === true) {
    return judge.warning(
      t("{0} starts an editor that macOS moves to another place each time.", facts.file),
      t("Move the editor to the Applications folder, and start it there."),
    );
  }
  return judge.ok(t("{0} is there and current.", facts.file));
};

/** Whether a launcher starts an app that was opened where it was downloaded: its path is another at each start. */
export const startsTranslocated = (text: string): boolean => /^node='.*\/AppTranslocation\//m.test(text);

/** The first of the launcher's lines that names its version. */
export const launcherVersionIn = (text: string): string | undefined =>
  /^(?:#|rem|::) The lanyard command, version ([\w.+-]+)\. /im.exec(text)?.[1];

export interface CurlFacts {
  /** On Windows the launcher uses none. */
  readonly needed: boolean;
  /** Where the PATH has one. */
  readonly file?: string;
  readonly version?: string;
}

/** The first with `--unix-socket`. */
const oldestCurl = { major: 7, minor: 40 } as const;

export const judgeCurl = ({ needed, file, version }: CurlFacts, t: Translate): Finding => {
  const judge = judgesOf("curl");
  if (!needed) return judge.ok(t("It is not needed on Windows."));
  if (file === undefined) {
    return judge.warning(
      t("It is not on the PATH, so each call starts the editor's Node and takes longer."),
      t("Install curl."),
    );
  }
  if (version === undefined) {
    return judge.warning(t("{0} does not say its version.", file), t("Run curl --version yourself."));
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < oldestCurl.major || (major === oldestCurl.major && minor < oldestCurl.minor)) {
    return judge.warning(
      t(
        "{0} is of version {1}, which cannot talk to a socket; each call starts the editor's Node instead.",
        file,
        version,
      ),
      t("Install curl 7.40 or later."),
    );
  }
  return judge.ok(t("{0}, version {1}.", file, version));
};

/** The version in what `curl --version` prints. */
export const curlVersionIn = (text: string): string | undefined =>
  /^curl (\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];

/** Who answers at the endpoint that helpers find. */
export type AgentFacts =
  | { readonly kind: "answers"; readonly version: string; readonly pid: number; readonly speaksOurs: boolean }
  | { readonly kind: "silent"; readonly why: Silence };

export type Silence = "absent" | "unreadable" | "unsafe" | "timedOut" | "lost" | "broken" | "stranger";

/** What makes the agent of a window start: from a terminal, opening one; in a window, which has failed to, once more. */
const toStart = (own: number | undefined, t: Translate): string =>
  own === undefined
    ? t("Open the folder in VS Code and sign in with Lanyard.")
    : t("Reload the window. If it stays so, the log says why.");

/** @param own the process that asks, where it is a window. Pure. */
export const judgeAgent = (facts: AgentFacts, own: number | undefined, t: Translate): Finding => {
  const judge = judgesOf("agent");
  if (facts.kind === "silent") {
    return judge.failed(silenceOf(facts.why, t), toStart(own, t));
  }
  const { version, pid } = facts;
  const finding = leader(plainText(version, 40), pid, own, t);
  if (facts.speaksOurs) return judge.ok(finding);
  return judge.failed(finding, t("Reload every VS Code window: they are of different versions of Lanyard."));
};

/**
 * What is not well in the window that answers for this one and is no matter of a folder: this window shows its own
 * connectors, and helpers get nothing by the other. Pure.
 */
export const judgeLeader = (findings: readonly Finding[], t: Translate): readonly Finding[] =>
  findings
    .filter(({ check, verdict }) => check === "secret storage" && verdict !== "ok")
    .map((each) => ({
      ...each,
      finding: t("In the window that answers helpers: {0}", plainText(each.finding)),
    }));

const leader = (version: string, pid: number, own: number | undefined, t: Translate): string => {
  if (own === undefined) return t("version {0} answers, process {1}.", version, pid);
  return pid === own
    ? t("This window answers helpers: version {0}, process {1}.", version, pid)
    : t(
        "Another window answers helpers, and passes on what is for this one: version {0}, process {1}.",
        version,
        pid,
      );
};

const silenceOf = (why: Silence, t: Translate): string => {
  switch (why) {
    case "absent":
      return t("Nobody listens.");
    case "unreadable":
      return t("Its endpoint file cannot be read.");
    case "unsafe":
      return t("Its endpoint file cannot be trusted.");
    case "timedOut":
      return t("It does not answer in time.");
    case "lost":
      return t("It went before it had answered.");
    case "broken":
      return t("Its answer makes no sense.");
    case "stranger":
      return t("Something else answers.");
  }
};

export interface EndpointFacts {
  readonly file: string;
  /** `unseen`: it is there, and nothing says who else may read it. */
  readonly state: "fine" | "absent" | "unsafe" | "unseen";
}

/** @param own as for {@link judgeAgent}. */
export const judgeEndpoint = (
  { file, state }: EndpointFacts,
  own: number | undefined,
  t: Translate,
): Finding => {
  const judge = judgesOf("endpoint file");
  switch (state) {
    case "fine":
      return judge.ok(t("{0}, yours alone.", file));
    case "unseen":
      return judge.ok(t("{0} is there.", file));
    case "absent":
      return judge.failed(t("{0} is not there.", file), toStart(own, t));
    case "unsafe":
      return judge.failed(
        t("{0} is a link, not yours alone, or not whole.", file),
        t("Remove it and reload the VS Code window."),
      );
  }
};

export type DirectoryFacts =
  | { readonly directory: string; readonly state: "fine" | "absent" | "open" }
  /** By the access lists of Windows: whom they let in, by SIDs. */
  | { readonly directory: string; readonly state: "openByList"; readonly others: readonly string[] }
  /** Windows does not say who may reach it. */
  | { readonly directory: string; readonly state: "unseen" };

/** @param own as for {@link judgeAgent}. */
export const judgeDirectory = (facts: DirectoryFacts, own: number | undefined, t: Translate): Finding => {
  const judge = judgesOf("private directory");
  const { directory } = facts;
  switch (facts.state) {
    case "fine":
      return judge.ok(t("{0}, yours alone.", directory));
    case "absent":
      return judge.failed(t("{0} is not there.", directory), toStart(own, t));
    case "open":
      return judge.failed(
        t("{0} is not yours alone.", directory),
        t("Remove it and reload the VS Code window."),
      );
    case "openByList":
      return judge.failed(
        t("{0} is open to others too: {1}.", directory, facts.others.map(nameOf).join(", ")),
        t("Take them out with icacls, or set LANYARD_HOME to a folder of your profile."),
      );
    case "unseen":
      return judge.warning(
        t("Who else may reach {0} cannot be seen: icacls and whoami give no answer.", directory),
        t("Look yourself with icacls. Outside of your profile Lanyard does not use such a folder."),
      );
  }
};

/** The groups of Windows that are met most, by what SDDL calls them. */
const nameOf = (who: string): string => {
  const names: Readonly<Record<string, string>> = { WD: "Everyone", BU: "Users", AU: "Authenticated Users" };
  return names[who] ?? who;
};
