import { errnoOf } from "../../core/errors.ts";
import { constants, existsSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "../../core/secret.ts";
import { protocolVersion } from "../wire.ts";
import { ownRunDirectory } from "./machine.ts";

/** Where an agent listens, and the key that it wants to see. */
export interface EndpointRecord {
  readonly address:
    { readonly kind: "socket"; readonly path: string } | { readonly kind: "pipe"; readonly path: string };
  readonly key: Secret;
  readonly pid: number;
  readonly version: string;
}

/** Where agents of this machine leave what others of it are to find: `run`, or a folder of its own in a shared home. */
export const runDirectoryOf = (home: string): string => {
  const own = ownRunDirectory(home);
  return own !== undefined && existsSync(own) ? own : join(home, "run");
};
export const endpointFileOf = (home: string): string => join(runDirectoryOf(home), "endpoint");

/**
 * One file in the syntax of curl's `-K`, so that a client needs nothing but its path. A pipe, which curl cannot use,
 * stands in comments with its key: otherwise curl would send the key to whatever the name resolves to.
 */
export const formatEndpoint = (record: EndpointRecord): string => {
  const authorization = quote(`Authorization: Bearer ${record.key.reveal()}`);
  const address = quote(record.address.path);
  const lines =
    record.address.kind === "socket"
      ? [`unix-socket = ${address}`, `noproxy = "*"`, `header = ${authorization}`]
      : [`# pipe = ${address}`, `# header = ${authorization}`];
  return [
    "# Where Lanyard answers. With curl: curl -q -K THIS-FILE http://lanyard/v1/agent",
    `# protocol = ${protocolVersion}`,
    `# pid = ${record.pid}`,
    `# version = ${quote(record.version)}`,
    ...lines,
    "",
  ].join("\n");
};

/** @returns undefined when it is not a whole endpoint file of this protocol. */
export const parseEndpoint = (text: string): EndpointRecord | undefined => {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^(?:# )?([a-z-]+) = (.+)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, unquote(value));
  }
  const pid = Number(values.get("pid"));
  const version = values.get("version");
  const key = /^Authorization: Bearer ([\w-]{32,})$/.exec(values.get("header") ?? "")?.[1];
  const address = addressOf(values.get("unix-socket"), values.get("pipe"));
  const isComplete = key !== undefined && version !== undefined && address !== undefined;
  if (!isComplete || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  if (values.get("protocol") !== String(protocolVersion)) return undefined;
  return { address, key: new Secret(key), pid, version };
};

const addressOf = (
  socket: string | undefined,
  pipe: string | undefined,
): EndpointRecord["address"] | undefined => {
  if (socket !== undefined) return { kind: "socket", path: socket };
  return pipe === undefined ? undefined : { kind: "pipe", path: pipe };
};

const escapes: readonly (readonly [string, string])[] = [
  ["\\", "\\\\"],
  ['"', '\\"'],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\v", "\\v"],
];

const quote = (text: string): string => {
  const escaped = escapes.reduce((all, [raw, written]) => all.replaceAll(raw, written), text);
  return `"${escaped}"`;
};

const unquote = (value: string): string => {
  if (!value.startsWith('"') || !value.endsWith('"')) return value;
  return value
    .slice(1, -1)
    .replace(/\\./gs, (written) => escapes.find((pair) => pair[1] === written)?.[0] ?? written.slice(1));
};

export type EndpointReading =
  | { readonly kind: "record"; readonly record: EndpointRecord; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable" }
  /** A link, somebody else's, or open to others: what it says is not believed. */
  | { readonly kind: "unsafe"; readonly what: UnsafeReason }
  /** Not whole, or of another protocol. */
  | { readonly kind: "garbled"; readonly text: string };

/** `notLookedAt`: outside of the profile, and Windows does not say who may reach it. */
export type UnsafeReason = "link" | "notAFile" | "foreignOwner" | "openToOthers" | "notLookedAt";

const longestFile = 8192;

/** Reads the endpoint file, and only if nobody but this user can have written or read it. */
export const readEndpoint = async (file: string): Promise<EndpointReading> => {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return unopened(error);
  }
  try {
    const what = await unsafeFile(handle);
    if (what !== undefined) return { kind: "unsafe", what };
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestFile), 0, longestFile, 0);
    const text = buffer.toString("utf8", 0, bytesRead);
    const record = parseEndpoint(text);
    return record === undefined ? { kind: "garbled", text } : { kind: "record", record, text };
  } catch {
    return { kind: "unreadable" };
  } finally {
    await handle.close();
  }
};

const unopened = (error: unknown): EndpointReading => {
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return { kind: "absent" };
    case "ELOOP":
    case "EMLINK":
      return { kind: "unsafe", what: "link" };
    case undefined:
    default:
      return { kind: "unreadable" };
  }
};

const unsafeFile = async (handle: FileHandle): Promise<UnsafeReason | undefined> => {
  const stats = await handle.stat();
  if (!stats.isFile()) return "notAFile";
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  if (stats.uid !== uid) return "foreignOwner";
  return (stats.mode & 0o077) === 0 ? undefined : "openToOthers";
};
