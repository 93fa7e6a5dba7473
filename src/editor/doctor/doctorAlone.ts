import * as vscode from "vscode";
import { Board } from "../../core/connectors/board/board.ts";
import { BoardLoader } from "../../core/connectors/board/boardLoader.ts";
import { Approvals } from "../../core/connectors/permission/approval.ts";
import type { MemoryPort } from "../../core/ports.ts";
import type { ConfigurationFiles } from "../configuration/configurationFiles.ts";
import { ConfigurationReader } from "../configuration/configurationReader.ts";
import { versionOf } from "../version.ts";
import { Doctor } from "./doctor.ts";
import type { ExamineParts } from "./examine.ts";

export interface AloneParts extends Omit<ExamineParts, "board" | "configuration" | "version"> {
  readonly files: ConfigurationFiles;
  readonly memory: MemoryPort;
}

/** Where the window's start has failed: looks at the same, with the connectors as the files have them. */
export const doctorAlone = async (parts: AloneParts): Promise<Doctor> => {
  const { files, memory, context } = parts;
  const board = new Board();
  const configuration = new ConfigurationReader(files);
  await new BoardLoader({
    board,
    approvals: new Approvals(memory),
    catalogue: () => configuration.catalogue(),
    isTrusted: () => vscode.workspace.isTrusted,
  }).load();
  return new Doctor({ ...parts, board, configuration, version: versionOf(context) });
};
