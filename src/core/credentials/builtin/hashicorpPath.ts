import * as z from "zod";
import { resolvePointer } from "../request/pointer.ts";
import { literal, parseTemplate, type TemplatePart } from "../request/template.ts";
import { isVariableName, secretVariables } from "../request/variables.ts";

/** What a login tells of the person, for paths that are theirs: Vault's own entity, and the login's metadata. */
export const personSchema = z.object({
  entity_id: z.string().optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type Person = z.infer<typeof personSchema>;

const ofLogin = (part: TemplatePart): string | undefined => {
  if (part.kind === "variable" && part.name === "entityId") return "/entity_id";
  return part.kind === "pointer" && part.pointer.startsWith("/metadata/") ? part.pointer : undefined;
};

const isAllowed = (part: TemplatePart): boolean =>
  part.kind === "text" ||
  ofLogin(part) !== undefined ||
  (part.kind === "variable" && isVariableName(part.name) && !secretVariables.has(part.name));

export const isPath = (path: string): boolean => parseTemplate(path)?.every(isAllowed) === true;

/** Without slashes at its ends, with which Vault redirects. */
export const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, "");

/**
 * A path with what the login told filled in, each as one segment; the variables that all sources know stay for the
 * request.
 * @returns the name of what the login did not tell, where there is such.
 */
export const pathFor = (path: string, person: Person): { path: string } | { missing: string } => {
  let text = "";
  for (const part of parseTemplate(trimmed(path)) ?? []) {
    const place = ofLogin(part);
    const value = place === undefined ? undefined : resolvePointer(person, place);
    if (part.kind === "text") text += part.text.split("/").map(encodeURIComponent).join("/");
    else if (place === undefined) text += part.kind === "variable" ? `{${part.name}}` : "";
    else if (typeof value === "string" && value !== "") text += literal(encodeURIComponent(value));
    else return { missing: part.kind === "variable" ? part.name : part.pointer };
  }
  return { path: text };
};
