import { historyText } from "../core/history/history.ts";
import { readHistory } from "../node/historyFile.ts";
import type { Options } from "./commandLine.ts";
import type { Environment } from "./environment.ts";
import type { CommandOutcome } from "./outcome.ts";

/** `lanyard history`: what is kept on this machine. Needs no window. */
export const history = async ({ home }: Environment, { server, json }: Options): Promise<CommandOutcome> => {
  const lines = (await readHistory(home)).filter(
    ({ connector }) => server === undefined || connector === server,
  );
  const texts = lines.map((line) => (json ? JSON.stringify(line) : historyText(line)));
  return {
    exitCode: 0,
    stdout: texts.length === 0 && !json ? "Nothing has happened yet." : texts.join("\n"),
  };
};
