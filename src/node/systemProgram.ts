import { win32 } from "node:path";

/** A program that Windows brings, by its own place: what else the PATH has of that name is somebody's. */
export const systemProgram = (name: string, variables: NodeJS.ProcessEnv = process.env): string =>
  win32.join(variables["SystemRoot"] ?? String.raw`C:\Windows`, "System32", name);
