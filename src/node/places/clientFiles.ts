import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { EntryOrigin } from "../../core/config/connector.ts";
import { mentionsLanyard } from "../../core/config/text/mentions.ts";
import { errnoOf } from "../../core/errors.ts";
import type { ClientPlace } from "./clientPlaces.ts";

export type FileText =
  | { readonly kind: "text"; readonly origin: EntryOrigin; readonly text: string }
  | { readonly kind: "absent"; readonly origin: EntryOrigin }
  /** It is in UTF-16, which Claude Code does not read, and speaks of Lanyard. */
  | { readonly kind: "utf16"; readonly origin: EntryOrigin }
  | { readonly kind: "unreadable"; readonly origin: EntryOrigin; readonly reason: string };

/** What the client finds: the files of these places that count, and the texts of its settings. Never rejects. */
export const readClientFiles = async (
  places: readonly ClientPlace[],
  settings: readonly string[],
): Promise<{ readonly texts: readonly FileText[]; readonly settings: readonly string[] }> => {
  const [texts, envs] = await Promise.all([
    Promise.all(places.map(readClientFile)),
    Promise.all(settings.map((file) => readClientFile({ origin: { kind: "user", file }, isOwn: false }))),
  ]);
  const isThere = new Set(texts.filter(holdsSomething).map(({ origin }) => origin.file));
  return {
    texts: texts.filter((_text, index) => !isThere.has(places[index]?.unless ?? "")),
    settings: envs.flatMap((file) => (file.kind === "text" ? [file.text] : [])),
  };
};

/** What Claude Code takes for a file that counts: no folder, and not one with nothing in it. */
const holdsSomething = (file: FileText): boolean => {
  if (file.kind === "text") return file.text !== "";
  return file.kind === "utf16" || (file.kind === "unreadable" && file.reason !== "EISDIR");
};

/** Reads a file; never rejects. */
export const readClientFile = async ({ origin, isOwn }: ClientPlace): Promise<FileText> => {
  try {
    const bytes = await bytesOf(origin.file);
    if (typeof bytes === "string")
      return isOwn ? { kind: "unreadable", origin, reason: bytes } : { kind: "absent", origin };
    const encoding = wideEncoding(bytes);
    if (encoding === undefined) return { kind: "text", origin, text: new TextDecoder().decode(bytes) };
    const isOurs = mentionsLanyard(new TextDecoder(encoding).decode(bytes));
    return isOurs ? { kind: "utf16", origin } : { kind: "absent", origin };
  } catch (error) {
    const reason = errnoOf(error) ?? "unknown";
    return reason === "ENOENT" || !isOwn
      ? { kind: "absent", origin }
      : { kind: "unreadable", origin, reason };
  }
};

/** The text of a file that anybody may have made; undefined where there is none that can be read. */
export const foreignText = async (file: string): Promise<string | undefined> => {
  const bytes = await bytesOf(file).catch(() => undefined);
  return typeof bytes === "object" ? new TextDecoder().decode(bytes) : undefined;
};

const longestBytes = 64 * 1024 * 1024;

/**
 * What stands in a file, or why it is not read. A repository may hold a link to anything: a pipe would keep the reader for
 * ever, and a device has no end.
 */
const bytesOf = async (file: string): Promise<Uint8Array | string> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return stats.isDirectory() ? "EISDIR" : "not a file";
    return stats.size > longestBytes ? "EFBIG" : await handle.readFile();
  } finally {
    await handle.close();
  }
};

/** By its mark, or by the zero beside the first character, which is ASCII in JSON. */
const wideEncoding = ([first, second]: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return "utf-16be";
  return undefined;
};
