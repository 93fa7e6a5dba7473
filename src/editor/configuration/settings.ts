import * as vscode from "vscode";
import type { SettingKey } from "../manifestNames.ts";

/** Light: loaded at the start. What policies make of settings is in `policies.ts`. */
const section = "lanyard";

/** One of Lanyard's settings, as it holds here. */
export const settingHere = (key: SettingKey): unknown => vscode.workspace.getConfiguration(section).get(key);

const shortestCheckSeconds = 2;
const longestCheckSeconds = 3600;
const defaultCheckSeconds = 30;

/** Time between two checks of one session, in milliseconds. */
export const sessionCheckMs = (): number => {
  const seconds = settingHere("sessionCheckSeconds");
  const wanted = typeof seconds === "number" && Number.isFinite(seconds) ? seconds : defaultCheckSeconds;
  return Math.min(Math.max(wanted, shortestCheckSeconds), longestCheckSeconds) * 1000;
};

/** Whether a sign-in asks for tokens that are bound to a key (RFC 9449). */
export const senderConstrainedHere = (): boolean => settingHere("senderConstrainedTokens") === true;

/** The redirect that this machine's administrators registered for entries that name none; a value that is not text counts as unset. */
export const redirectHere = (): string | undefined => {
  const value = settingHere("signIn.redirectUri");
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
};

/** One of Lanyard's settings has changed. */
export const onDidChangeSettings = (listener: () => void): vscode.Disposable =>
  vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener();
  });
