import type * as vscode from "vscode";
import type { EntryOrigin } from "../../core/config/connector.ts";
import type { Env } from "../../core/config/entry/expand.ts";
import { mentionsLanyard } from "../../core/config/text/mentions.ts";
import type { FileReading } from "../../core/config/parse.ts";
import { forbiddenBy } from "../../core/connectors/permission/policy.ts";
import { isFile } from "../files.ts";
import { policiesHere } from "../configuration/policies.ts";
import type { ConfigurationFiles } from "../configuration/configurationFiles.ts";
import { readText } from "../configuration/configurationReader.ts";

/** Every document that may be one of the configuration files; `originOf` tells whether it is. */
export const mcpJsonSelector: vscode.DocumentSelector = [
  { scheme: "file", pattern: "**/.mcp.json" },
  { scheme: "file", pattern: "**/.claude.json" },
  { scheme: "file", pattern: "**/.claude/.config.json" },
  { scheme: "file", pattern: "**/managed-mcp.json" },
];

export const environment: Env = (name) => process.env[name];

/** Which of this window's configuration files a document shows; undefined for every other document. */
export const originOf = (files: ConfigurationFiles, uri: vscode.Uri): EntryOrigin | undefined =>
  files
    .texts()
    .map(({ origin }) => origin)
    .find(({ file }) => isFile(uri, file));

/** What a text says, and what policies forbid of it. A text that does not mention `userAuth` does not concern Lanyard. */
export const readingOf = (
  files: ConfigurationFiles,
  origin: EntryOrigin,
  text: string,
): FileReading | undefined => {
  if (!mentionsLanyard(text)) return undefined;
  const reading = readText(files, origin, text);
  if (reading.kind === "unreadable") return reading;
  const policies = policiesHere();
  const forbidden = reading.connectors.flatMap((connector) => forbiddenBy(connector, policies));
  return { ...reading, issues: [...reading.issues, ...forbidden] };
};
