import * as vscode from "vscode";
import * as z from "zod";

const clientKeysSchema = z.record(z.string(), z.string()).catch({});

/** `lanyard.clientKeys`: the file of each client key, by the name that entries use. Machine-scoped. */
export const clientKeyFiles = (): Readonly<Record<string, string>> =>
  clientKeysSchema.parse(vscode.workspace.getConfiguration("lanyard").get("clientKeys"));
