import { pointerPattern } from "./pointer.ts";

/** One piece of a template: text as it stands, a variable, or a JSON pointer into the reply. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "pointer"; readonly pointer: string };

export type Template = readonly TemplatePart[];

const pieces = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const variableName = /^[A-Za-z]+$/;

/**
 * Reads `text {variable} {/json/pointer}`; `{{` and `}}` stand for the braces themselves. Not `${…}`, which
 * `.mcp.json` already uses for environment variables.
 * @returns undefined when the braces do not pair or hold neither a name nor a pointer.
 */
export const parseTemplate = (source: string): Template | undefined => {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of source.matchAll(pieces)) {
    const part = partOf(match[0], match[1]);
    if (part === undefined) return undefined;
    parts.push({ kind: "text", text: source.slice(end, match.index) }, part);
    end = match.index + match[0].length;
  }
  parts.push({ kind: "text", text: source.slice(end) });
  return merged(parts);
};

const partOf = (piece: string, inner: string | undefined): TemplatePart | undefined => {
  if (piece === "{{" || piece === "}}") return { kind: "text", text: piece.slice(1) };
  if (inner === undefined) return undefined;
  if (variableName.test(inner)) return { kind: "variable", name: inner };
  if (inner.startsWith("/") && pointerPattern.test(inner)) return { kind: "pointer", pointer: inner };
  return undefined;
};

/** Parts that are text and stand side by side as one; in time that grows with their number, for a repository writes them. */
const merged = (parts: readonly TemplatePart[]): Template => {
  const done: TemplatePart[] = [];
  for (const part of parts) {
    const last = done.at(-1);
    if (part.kind === "text" && part.text === "") continue;
    if (part.kind === "text" && last?.kind === "text")
      done[done.length - 1] = { kind: "text", text: last.text + part.text };
    else done.push(part);
  }
  return done;
};

/** Text as a template that yields exactly that text. */
export const literal = (text: string): string => text.replace(/[{}]/g, "$&$&");

/** A path whose text parts are percent-encoded by segment; its variables are encoded when they are filled in. */
export const encodedPath = (path: string): string =>
  (parseTemplate(path) ?? [])
    .map((part) => {
      if (part.kind === "text") return part.text.split("/").map(encodeURIComponent).join("/");
      return part.kind === "variable" ? `{${part.name}}` : "";
    })
    .join("");

/** The text before the first variable or pointer. */
export const leadingText = (template: Template): string => {
  const [first] = template;
  return first?.kind === "text" ? first.text : "";
};

export type Lookup = (part: Exclude<TemplatePart, { kind: "text" }>) => string | undefined;

/** Fills a template in. `undefined` when one of its places has no value: the whole field is then left out. */
export const fillTemplate = (
  template: Template,
  lookup: Lookup,
  encode: (value: string) => string = (value) => value,
): string | undefined => {
  let text = "";
  for (const part of template) {
    if (part.kind === "text") {
      text += part.text;
      continue;
    }
    const value = lookup(part);
    if (value === undefined) return undefined;
    text += encode(value);
  }
  return text;
};
