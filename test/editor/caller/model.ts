import * as vscode from "vscode";

/** The vendor that the manifest declares. */
export const vendor = "stand-in";

/** `vscode.lm.registerLanguageModelChatProvider`, stable since 1.104: later than the lowest editor that Lanyard runs in. */
interface ModelHost {
  registerLanguageModelChatProvider(vendor: string, provider: ModelProvider): vscode.Disposable;
}

interface ModelProvider {
  provideLanguageModelChatInformation(): readonly object[];
  provideLanguageModelChatResponse(
    model: object,
    messages: readonly Message[],
    options: { readonly tools?: readonly { readonly name: string }[] },
    progress: vscode.Progress<vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart>,
  ): Promise<void>;
  provideTokenCount(): Promise<number>;
}

interface Message {
  readonly content: readonly unknown[];
}

const isHost = (lm: object): lm is ModelHost => "registerLanguageModelChatProvider" in lm;

const one = {
  ...{ id: vendor, name: "Stand-in", family: vendor, version: "1" },
  ...{ maxInputTokens: 200_000, maxOutputTokens: 10_000, capabilities: { toolCalling: true } },
};

/** A model that calls the tool which a person's message names, as `please call NAME`, and repeats what the tool said. */
export const registerModel = (read: string[]): vscode.Disposable => {
  const { lm } = vscode;
  if (!isHost(lm)) throw new Error("This editor lets nobody provide a model.");
  let calls = 0;
  return lm.registerLanguageModelChatProvider(vendor, {
    provideLanguageModelChatInformation: () => [one],
    provideLanguageModelChatResponse: (_model, messages, { tools = [] }, progress) => {
      const said = messages.map(textOf);
      read.push(said.join("\n"));
      const result = messages
        .at(-1)
        ?.content.find((part) => part instanceof vscode.LanguageModelToolResultPart);
      const [, wanted = ""] = /please call (\w+)/.exec(said.at(-1) ?? "") ?? [];
      const tool = tools.find(({ name }) => wanted !== "" && name.endsWith(wanted));
      calls += 1;
      if (result !== undefined)
        progress.report(new vscode.LanguageModelTextPart(`The tool said: ${said.at(-1) ?? ""}`));
      else if (tool !== undefined)
        progress.report(new vscode.LanguageModelToolCallPart(`call-${calls}`, tool.name, {}));
      else progress.report(new vscode.LanguageModelTextPart("Yes."));
      return Promise.resolve();
    },
    provideTokenCount: () => Promise.resolve(1),
  });
};

const textOf = ({ content }: Message): string =>
  content
    .map((part) => {
      if (part instanceof vscode.LanguageModelTextPart) return part.value;
      if (part instanceof vscode.LanguageModelToolResultPart) return textOf(part);
      return "";
    })
    .join("\n");
