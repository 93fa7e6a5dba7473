import * as vscode from "vscode";
import type { Disposable } from "../core/disposable.ts";
import type { Log, LogFields } from "../core/ports.ts";
import { plainText } from "../core/text.ts";

export interface EditorLog extends Log, Disposable {
  show(): void;
}

/** The log channel "Lanyard": one line an event, `name key=value …`; a `Secret` prints `[secret]`. */
export const createLog = (): EditorLog => {
  const channel = vscode.window.createOutputChannel("Lanyard", { log: true });
  return {
    debug: (event, fields) => channel.debug(lineOf(event, fields)),
    info: (event, fields) => channel.info(lineOf(event, fields)),
    warn: (event, fields) => channel.warn(lineOf(event, fields)),
    error: (event, fields) => channel.error(lineOf(event, fields)),
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
};

const lineOf = (event: string, fields: LogFields = {}): string => {
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(plainText(String(value), 500))}`);
  return [event, ...parts].join(" ");
};
