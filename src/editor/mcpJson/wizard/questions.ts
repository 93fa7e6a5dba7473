import * as vscode from "vscode";
import {
  hasServer,
  type ConnectorDraft,
  type ConnectorWay,
  type SettingDraft,
  type SignInDraft,
} from "../../../core/config/edits/addConnector.ts";
import { facadeVaults, type FacadeDraft, type FacadeVault } from "../../../core/config/edits/facadeFile.ts";
import { settingProblem } from "../../../core/config/edits/setting.ts";
import { sourceChoices, type SourceChoice } from "../../../core/config/edits/sourceChoices.ts";
import { entrySchema } from "../../../core/config/schema/schema.ts";
import { signInSchema } from "../../../core/config/schema/signInSchema.ts";
import { hostOf } from "../../../core/urls.ts";
import { issueText } from "../../status/statusLook.ts";
import { environment } from "../documents.ts";
import { promptOptional, promptSetting } from "./options.ts";
import { promptChoice, promptText, back } from "./prompts.ts";
import type { Step, StepResult } from "./steps.ts";
import type { McpJsonFile } from "../mcpJsonFile.ts";

const t = vscode.l10n.t;

/** What has been answered so far. */
export interface Answers {
  readonly targets: readonly McpJsonFile[];
  /** The sign-ins that connectors here already use. */
  readonly signIns: readonly SignInDraft[];
  readonly target?: McpJsonFile;
  readonly replace: boolean;
  readonly name: string;
  readonly url: string;
  readonly signIn?: SignInDraft;
  readonly issuer: string;
  readonly clientId: string;
  readonly way: ConnectorWay;
  readonly source?: SourceChoice;
  /** What stands behind a facade. */
  readonly vault?: FacadeVault;
  readonly settings: readonly SettingDraft[];
  readonly command: string;
}

export const noAnswers = (targets: readonly McpJsonFile[], signIns: readonly SignInDraft[]): Answers => ({
  ...{ targets, signIns, replace: false, name: "", url: "", issuer: "", clientId: "" },
  ...{ way: "headers", settings: [], command: "" },
});

export const title = (): string => t("Add Connector");

type Question = Step<Answers>;

const skipped = (state: Answers): StepResult<Answers> => ({ kind: "skipped", state });

/** The state with an answer in it, or the way back. */
const answered = <T>(answer: T | typeof back, take: (answer: T) => Answers): StepResult<Answers> =>
  answer === back ? { kind: "back" } : { kind: "answered", state: take(answer) };

const promptFile: Question = async (state, step) => {
  const [first, second] = state.targets;
  if (second === undefined) return skipped(first === undefined ? state : { ...state, target: first });
  const items = state.targets.map((value) => ({
    label: value.folderName,
    description: value.isThere ? t("adds to .mcp.json") : t("creates .mcp.json"),
    value,
  }));
  const prompt = t("For which folder is the connector?");
  const target = await promptChoice({ title: title(), step, prompt, items });
  return answered(target, (value) => ({ ...state, target: value }));
};

/** What Claude Code takes for the name of a server. */
const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

const promptName: Question = async (state, step) => {
  const name = await promptText({
    ...{ title: title(), step, value: state.name, placeholder: "salesforce" },
    prompt: t("The name of the connector, as people see it in their clients"),
    problemOf: (text) =>
      namePattern.test(text)
        ? undefined
        : t("Write 1 to 64 characters: letters, digits, hyphens and underscores."),
  });
  return answered(name, (value) => ({ ...state, name: value, replace: false }));
};

const promptReplace: Question = async (state, step) => {
  if (!hasServer(state.target?.text ?? "", state.name)) return skipped(state);
  const replace = await promptChoice({
    ...{ title: title(), step },
    prompt: t('There is already a server "{0}" in this file.', state.name),
    items: [
      { label: t("Choose Another Name"), value: false },
      { label: t("Replace It"), detail: t("What the entry says is lost."), value: true },
    ],
  });
  return replace === true ? { kind: "answered", state: { ...state, replace } } : { kind: "back" };
};

/** Judges a setting of the entry in the words in which the file's own issues are told. */
const judge =
  (schema: Parameters<typeof settingProblem>[0], ...path: readonly string[]) =>
  (text: string): string | undefined => {
    const issue = settingProblem(schema, path, text, environment);
    return issue && issueText(issue);
  };

const promptUrl: Question = async (state, step) => {
  const url = await promptText({
    ...{ title: title(), step, value: state.url, placeholder: "https://mcp.example.com/mcp" },
    prompt: t("The URL of the MCP server"),
    problemOf: judge(entrySchema.shape.url, "url"),
  });
  return answered(url, (value) => ({ ...state, url: value }));
};

const promptSignIn: Question = async (state, step) => {
  if (state.signIns.length === 0) return skipped(state);
  const known = state.signIns.map((value) => ({
    label: hostOf(value.issuer),
    description: value.clientId,
    detail: value.issuer,
    value,
  }));
  const signIn = await promptChoice<SignInDraft | undefined>({
    ...{ title: title(), step, prompt: t("Who signs people in?") },
    items: [...known, { label: t("Another Identity Provider…"), value: undefined }],
  });
  if (signIn === back) return { kind: "back" };
  const { signIn: _before, ...rest } = state;
  return {
    kind: "answered",
    state:
      signIn === undefined ? rest : { ...rest, signIn, issuer: signIn.issuer, clientId: signIn.clientId },
  };
};

const askIssuer: Question = async (state, step) => {
  if (state.signIn !== undefined) return skipped(state);
  const issuer = await promptText({
    ...{ title: title(), step, value: state.issuer, placeholder: "https://idp.example.com" },
    prompt: t("The issuer: the URL of your identity provider, exactly as its metadata spells it"),
    problemOf: judge(signInSchema.shape.issuer, "userAuth", "issuer"),
  });
  return answered(issuer, (value) => ({ ...state, issuer: value }));
};

const askClientId: Question = async (state, step) => {
  const clientId = await promptText({
    ...{ title: title(), step, value: state.clientId, placeholder: "lanyard" },
    prompt: t("The client ID under which the identity provider knows Lanyard"),
    problemOf: judge(signInSchema.shape.clientId, "userAuth", "clientId"),
  });
  return answered(clientId, (value) => ({ ...state, clientId: value }));
};

const promptWay: Question = async (state, step) => {
  const way = await promptChoice<ConnectorWay>({
    ...{ title: title(), step, prompt: t("Which clients are to use this connector?") },
    items: [
      {
        label: t("Every Client (Bridge)"),
        detail: t("Clients start lanyard bridge, and each request gets a credential of its own."),
        value: "bridge",
      },
      {
        label: t("Claude Code (Headers)"),
        detail: t("Claude Code asks for headers once a connection. Here a team's script can make them."),
        value: "headers",
      },
    ],
  });
  return answered(way, (value) => ({ ...state, way: value }));
};

const promptSource: Question = async (state, step) => {
  const items = sourceChoices()
    .filter(({ ways }) => ways.includes(state.way))
    .map((value) => ({ label: value.source, detail: t(value.description), value }));
  const prompt = t("Where does the credential of this connector come from?");
  const source = await promptChoice({ title: title(), step, prompt, items });
  return answered(source, (value) =>
    value.source === state.source?.source ? state : { ...state, source: value, settings: [] },
  );
};

const exchangeSource = "token-exchange";

const promptVault: Question = async (state, step) => {
  if (state.source?.source !== exchangeSource) return skipped(state);
  const detail = t("Writes facade.json beside .mcp.json, for lanyard-facade.");
  const vault = await promptChoice<FacadeVault | undefined>({
    ...{ title: title(), step, prompt: t("Which vault is behind it?") },
    items: [
      { label: t("None That Wants a Facade"), value: undefined },
      ...facadeVaults.map((value) => ({ label: value, detail, value })),
    ],
  });
  const { vault: _before, ...rest } = state;
  return answered(vault, (value) => (value === undefined ? rest : { ...rest, vault: value }));
};

const promptCommand: Question = async (state, step) => {
  if (state.source?.source !== scriptSource) return skipped(state);
  const command = await promptText({
    ...{ title: title(), step, value: state.command, placeholder: "./scripts/get-headers.sh" },
    prompt: t("The command that prints the headers as JSON. It runs in the folder, with the access token."),
    problemOf: (text) => (text === "" ? t("Write the command.") : undefined),
  });
  return answered(command, (value) => ({ ...state, command: value }));
};

const scriptSource = "script";

const requiredOf = (source: SourceChoice): SourceChoice["options"] =>
  source.options.filter(({ isRequired }) => isRequired);

/** One question for each thing that the chosen source cannot be without; the longest list decides how many there are. */
const promptRequired = (): readonly Question[] => {
  const most = Math.max(...sourceChoices().map((source) => requiredOf(source).length));
  return Array.from({ length: most }, (_, index): Question => async (state, step) => {
    const option = state.source && requiredOf(state.source)[index];
    if (option === undefined) return skipped(state);
    const settings = await promptSetting(option, state.settings, { title: title(), step });
    return answered(settings, (value) => ({ ...state, settings: value }));
  });
};

const promptOptions: Question = async (state, step) => {
  const options = state.source?.options.filter(({ isRequired }) => !isRequired) ?? [];
  if (options.length === 0) return skipped(state);
  const settings = await promptOptional(options, state.settings, { title: title(), step });
  return answered(settings, (value) => ({ ...state, settings: value }));
};

/** Everything that is asked, in its order. */
export const questions = (): readonly Question[] => [
  ...[
    promptFile,
    promptName,
    promptReplace,
    promptUrl,
    promptSignIn,
    askIssuer,
    askClientId,
    promptWay,
    promptSource,
    promptVault,
    promptCommand,
  ],
  ...promptRequired(),
  promptOptions,
];

/** The facade's part, where a vault wants one. */
export const facadeDraftOf = ({ vault, source, settings, ...answers }: Answers): FacadeDraft | undefined => {
  if (vault === undefined || source?.source !== exchangeSource) return undefined;
  const { name, url, issuer, clientId } = answers;
  const settingAt = (wanted: string): string | undefined =>
    settings
      .filter(({ path }) => path.join(".") === wanted)
      .map(({ value }) => String(value))
      .at(0);
  const endpoint = settingAt("endpoint");
  return {
    ...{ vault, name, issuer, clientId, resource: settingAt("resource") ?? url },
    ...(endpoint === undefined ? {} : { endpoint }),
  };
};

/** What a new sign-in asks for where no other connector says. */
const usualScopes = "openid profile";

/** The answers as the entry that they make. A known sign-in brings all that its other connectors say of it. */
export const draftOf = (answers: Answers): ConnectorDraft => {
  const { name, url, issuer, clientId, way, source, settings, command } = answers;
  const told = { issuer, clientId };
  const signIn = { ...told, scopes: usualScopes, ...answers.signIn, ...told };
  const chosen = source?.source ?? scriptSource;
  return {
    ...{ name, url, signIn, way },
    source:
      chosen === scriptSource ? { kind: "script", command } : { kind: "source", source: chosen, settings },
  };
};
