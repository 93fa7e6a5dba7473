import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** One command's options, checked. */
export interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly stdin: boolean;
  readonly server?: string;
  readonly url?: string;
  readonly issuer?: string;
  readonly client?: string;
  readonly yes: boolean;
  /** What stands beside the options; only `clients` takes any. */
  readonly words: readonly string[];
  /** What stands after `--`. */
  readonly script?: readonly string[];
}

export type CommandLine =
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "wrong"; readonly message: string };

const flag = { type: "boolean", default: false } as const;
const value = { type: "string" } as const;

/** What each command understands, beside `--json` and `--help`. */
const known = {
  headers: { stdin: flag, server: value, url: value },
  token: { server: value, url: value, issuer: value },
  status: {},
  doctor: {},
  history: { server: value },
  clients: { client: value, yes: flag },
} as const;

export type Command = keyof typeof known;

export const isCommand = (name: string | undefined): name is Command =>
  name !== undefined && Object.hasOwn(known, name);

export const readCommandLine = (command: Command, args: readonly string[]): CommandLine => {
  const dashes = args.indexOf("--");
  const own = dashes < 0 ? args : args.slice(0, dashes);
  const script = dashes < 0 ? undefined : args.slice(dashes + 1);
  const options: ParseArgsOptionsConfig = { json: flag, help: { ...flag, short: "h" }, ...known[command] };
  try {
    const allowPositionals = command === "clients";
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals, strict: true });
    const given = { ...fromValues(values), words: positionals, ...(script === undefined ? {} : { script }) };
    const message = whatIsWrong(command, given);
    return message === undefined ? { kind: "options", options: given } : { kind: "wrong", message };
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : "The options cannot be read." };
  }
};

const fromValues = (values: Readonly<Record<string, unknown>>): Omit<Options, "words"> => {
  const text = (name: "server" | "url" | "issuer" | "client"): Partial<Options> => {
    const given = values[name];
    return typeof given === "string" ? { [name]: given } : {};
  };
  return {
    json: values["json"] === true,
    help: values["help"] === true,
    stdin: values["stdin"] === true,
    yes: values["yes"] === true,
    ...text("server"),
    ...text("url"),
    ...text("issuer"),
    ...text("client"),
  };
};

const whatIsWrong = (command: Command, { help, stdin, script }: Options): string | undefined => {
  if (help) return undefined;
  if (script !== undefined && command !== "headers") return `${command} runs no script.`;
  if (script?.length === 0) return "Name the script after --.";
  if (stdin && script === undefined) return "--stdin needs a script after --.";
  return undefined;
};
