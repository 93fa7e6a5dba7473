import * as vscode from "vscode";
import {
  isOverSsh,
  waysFor,
  type SignInPlace,
  type SignInWay,
} from "../../core/identity/signIn/receivers.ts";
import type { ReceiverStart } from "../../core/identity/session.ts";
import { isLoopback } from "../../core/urls.ts";
import { settingHere } from "../configuration/settings.ts";
import { callbackUri, type UriCallbacks } from "./uriCallbacks.ts";

/** Where this window's Lanyard runs, as far as the editor tells. */
export const placeOf = async (extension: vscode.Extension<unknown>): Promise<SignInPlace> => {
  const web = vscode.env.uiKind === vscode.UIKind.Web;
  const remote =
    vscode.env.remoteName !== undefined && extension.extensionKind === vscode.ExtensionKind.Workspace;
  const workbenchOnLoopback = web && !isOverSsh(process.env) && (await isWorkbenchOnLoopback());
  return { ui: web ? "web" : "desktop", remote, workbenchOnLoopback };
};

/** A web workbench turns the editor's own address scheme into a callback below its own address. */
const isWorkbenchOnLoopback = async (): Promise<boolean> => {
  const outside = await vscode.env.asExternalUri(callbackUri());
  const url = URL.parse(outside.toString(true));
  return url !== null && isLoopback(url);
};

/** What `lanyard.signIn.method` says. */
export const chosenWay = (): SignInWay | "auto" => {
  const value = settingHere("signIn.method");
  return value === "loopback" || value === "uriHandler" || value === "device" ? value : "auto";
};

/** The receivers that can work here, in order; empty means the device flow. */
export const receiversHere = async (
  extension: vscode.Extension<unknown>,
  callbacks: UriCallbacks,
  startLoopback: ReceiverStart,
): Promise<readonly ReceiverStart[]> => {
  const ways = waysFor(await placeOf(extension), chosenWay());
  const starters: Readonly<Record<SignInWay, ReceiverStart | undefined>> = {
    loopback: startLoopback,
    uriHandler: () => Promise.resolve(callbacks.receiver()),
    device: undefined,
  };
  return ways.map((way) => starters[way]).filter((start) => start !== undefined);
};
