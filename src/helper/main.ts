import { writeSync } from "node:fs";
import { inBackground } from "../core/background.ts";
import { terminalText } from "../core/text.ts";
import { isCommand, readCommandLine, type Command, type Options } from "./commandLine.ts";
import { leftMs, readEnvironment, readerOf, type Environment } from "./environment.ts";
import { headers, status, token } from "./commands.ts";
import { helpOf } from "./help.ts";
import { unreachable, usage, type CommandOutcome, type Reader } from "./outcome.ts";

const commands: Readonly<
  Record<Command, (environment: Environment, options: Options) => Promise<CommandOutcome>>
> = {
  headers,
  token,
  status,
  clients: async (environment, options) => (await import("./clients.ts")).clients(environment, options),
  history: async (environment, options) => (await import("./history.ts")).history(environment, options),
  doctor: async (environment, options) => (await import("./doctor.ts")).doctor(environment, options),
};

const outcomeOf = async (environment: Environment, args: readonly string[]): Promise<CommandOutcome> => {
  const [name, ...rest] = args;
  const reader: Reader = { ...readerOf(environment), json: rest.includes("--json") };
  if (!isCommand(name)) {
    const isHelp = name === "--help" || name === "-h" || name === "help";
    if (isHelp && reader.asker === "person") return { exitCode: 0, stdout: helpOf(undefined) };
    return usage(name === undefined ? "Name a command." : `There is no command "${name}".`, reader);
  }
  const line = readCommandLine(name, rest);
  if (line.kind === "wrong") return usage(line.message, reader);
  if (!line.options.help) return commands[name](environment, line.options);
  return reader.asker === "person"
    ? { exitCode: 0, stdout: helpOf(name) }
    : usage("It was called for its help.", reader);
};

/** Prints at once and ends. Nothing that comes later, nor anything still open, changes what was said. */
const end = ({ exitCode, stdout, stderr }: CommandOutcome): never => {
  if (stdout !== undefined) write(1, `${terminalText(stdout)}\n`);
  if (stderr !== undefined) write(2, `${terminalText(stderr)}\n`);
  process.exit(exitCode);
};

const pauseMs = 5;

const write = (descriptor: number, text: string): void => {
  let bytes = Buffer.from(text);
  while (bytes.byteLength > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      // A full pipe that does not block is tried again; one that nobody reads any more is not.
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
};

/** Whatever happens, Claude Code reads something, and in time. */
const main = async (): Promise<never> => {
  const args = process.argv.slice(2);
  const environment = readEnvironment(process.env, args[0]);
  if (args[0] === "bridge")
    return end(await (await import("./bridge.ts")).bridge(environment, args.slice(1)));
  const reader: Reader = { ...readerOf(environment), json: args.includes("--json") };
  const giveUp = (kind: "timedOut" | "broken") => (): never => end(unreachable(kind, reader));
  setTimeout(giveUp("timedOut"), leftMs(environment));
  process.on("uncaughtException", giveUp("broken"));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, giveUp("timedOut"));
  try {
    return end(await outcomeOf(environment, args));
  } catch {
    return giveUp("broken")();
  }
};

inBackground("main", main);
