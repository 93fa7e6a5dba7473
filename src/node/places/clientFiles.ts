import { readFile } from "node:fs/promises";
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
  const isThere = new Set(texts.filter(({ kind }) => kind !== "absent").map(({ origin }) => origin.file));
  return {
    texts: texts.filter((_text, index) => !isThere.has(places[index]?.unless ?? "")),
    settings: envs.flatMap((file) => (file.kind === "text" ? [file.text] : [])),
  };
};

/** Reads a file; never rejects. */
export const readClientFile = async ({ origin, isOwn }: ClientPlace): Promise<FileText> => {
  try {
    const bytes = await readFile(origin.file);
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

/** By its mark, or by the zero beside the first character, which is ASCII in JSON. */
const wideEncoding = ([first, second]: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return "utf-16be";
  return undefined;
};
