import type * as vscode from "vscode";
import * as z from "zod";

const manifest = z.object({ version: z.string() });

/** The version of the extension that runs. */
export const versionOf = ({ extension }: vscode.ExtensionContext): string =>
  manifest.parse(extension.packageJSON).version;
