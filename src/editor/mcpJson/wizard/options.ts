import * as vscode from "vscode";
import type { SettingDraft } from "../../../core/config/edits/addConnector.ts";
import { settingProblem } from "../../../core/config/edits/setting.ts";
import type { SourceOption } from "../../../core/config/edits/sourceChoices.ts";
import { issueText } from "../../status/statusLook.ts";
import { environment } from "../documents.ts";
import { promptChoice, promptText, back } from "./prompts.ts";

const t = vscode.l10n.t;

interface Frame {
  readonly title: string;
  readonly step: number;
}

type Settings = readonly SettingDraft[];

const nameOf = ({ path }: Pick<SourceOption, "path">): string => path.join(".");

const settingOf = (settings: Settings, option: SourceOption): SettingDraft | undefined =>
  settings.find((setting) => nameOf(setting) === nameOf(option));

/** Asks for one setting of the credential source. An empty answer to what is optional takes it out again. */
export const promptSetting = async (
  option: SourceOption,
  settings: Settings,
  frame: Frame,
): Promise<Settings | typeof back> => {
  const value = await promptValue(option, settingOf(settings, option)?.value, frame);
  if (value === back) return back;
  const others = settings.filter((setting) => nameOf(setting) !== nameOf(option));
  return value === "" ? others : [...others, { path: option.path, value }];
};

const promptValue = async (
  option: SourceOption,
  before: SettingDraft["value"] | undefined,
  frame: Frame,
): Promise<SettingDraft["value"] | typeof back> => {
  const { path, kind, schema, isRequired } = option;
  const prompt = option.description === "" ? nameOf(option) : `${nameOf(option)}: ${t(option.description)}`;
  switch (kind.kind) {
    case "text":
      return promptText({
        ...{ ...frame, prompt, value: typeof before === "string" ? before : "" },
        problemOf: (text) => {
          if (text === "" && !isRequired) return undefined;
          const issue = settingProblem(schema, ["credential", ...path], text, environment);
          return issue && issueText(issue);
        },
      });
    case "choice":
      return promptChoice({ ...frame, prompt, items: kind.values.map((value) => ({ label: value, value })) });
    case "yesNo":
      return promptChoice({
        ...{ ...frame, prompt },
        items: [
          { label: t("Yes"), value: true },
          { label: t("No"), value: false },
        ],
      });
  }
};

/** Offers what the source can also be told, again and again, until the person has had enough. */
export const promptOptional = async (
  options: readonly SourceOption[],
  before: Settings,
  frame: Frame,
): Promise<Settings | typeof back> => {
  let settings = before;
  for (;;) {
    const option = await promptChoice<SourceOption | undefined>({
      ...{ ...frame, prompt: t("Is there more to say about the credential?") },
      items: [
        { label: t("No, Add the Connector"), value: undefined },
        ...options.map((each) => itemOf(each, settings)),
      ],
    });
    if (option === back) return back;
    if (option === undefined) return settings;
    const told = await promptSetting(option, settings, { ...frame, step: frame.step + 1 });
    if (told !== back) settings = told;
  }
};

const itemOf = (
  option: SourceOption,
  settings: Settings,
): vscode.QuickPickItem & { readonly value: SourceOption } => {
  const value = settingOf(settings, option)?.value;
  const item = { label: nameOf(option), detail: t(option.description), value: option };
  return value === undefined ? item : { ...item, description: String(value) };
};
