import type * as z from "zod";
import { plainText } from "../../text.ts";
import type { Issue } from "./issue.ts";
import {
  issues,
  missingIssue,
  ruleIssue,
  urlIssues,
  wrongTypeIssue,
  type IssueMaker,
  type Where,
} from "./issues.ts";
import type { JsonValue, Span } from "../text/json.ts";
import type { UrlProblem } from "./urlProblem.ts";

type SchemaIssue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Where a path leads: to a value, or, when that is missing, to the name of the innermost holder that is there. */
export interface Spot {
  readonly value: JsonValue | undefined;
  readonly span: Span;
}

/** Follows `path` from `root`, whose own name stands at `key`. */
export const spotAt = (root: JsonValue, key: Span, path: Path): Spot => {
  let value = root;
  let name = key;
  for (const segment of path) {
    const next = stepInto(value, segment);
    if (next === undefined) return { value: undefined, span: name };
    ({ value, name } = next);
  }
  return { value, span: value };
};

const stepInto = (
  value: JsonValue,
  segment: PropertyKey,
): { readonly value: JsonValue; readonly name: Span } | undefined => {
  if (value.kind === "object") {
    const member = value.members.findLast(({ name }) => name === segment);
    return member && { value: member.value, name: member.key };
  }
  if (value.kind !== "array" || typeof segment !== "number") return undefined;
  const item = value.items[segment];
  return item && { value: item, name: item };
};

/**
 * What is wrong in the alternative that was meant, where a value may be of several kinds: the one whose kind and literals
 * the value has. A union of which that cannot be said stays one issue.
 */
export const unfold = (found: SchemaIssue): readonly SchemaIssue[] => {
  if (found.code !== "invalid_union" || "options" in found) return [found];
  const meant = found.errors.find((alternative) => alternative.length > 0 && !alternative.some(isOtherKind));
  return meant === undefined
    ? [found]
    : meant.flatMap((each) => unfold({ ...each, path: [...found.path, ...each.path] }));
};

const isOtherKind = (found: SchemaIssue): boolean =>
  (found.code === "invalid_type" && found.path.length === 0) ||
  (found.code === "invalid_value" && found.values.length === 1);

/** Says what the schema found in our own words: nothing of zod's text, and of the value only what the file itself has. */
export const fromSchema = (found: SchemaIssue, spot: Spot, where: Where): Issue => {
  const path = pathText(found.path);
  if (found.code === "invalid_union") return fromUnion(found, path, spot, where);
  if (spot.value === undefined) return missingIssue(path)(where, path);
  switch (found.code) {
    case "invalid_type":
      return wrongTypeIssue(found.expected)(where, path);
    case "invalid_value":
      return issues.notOneOf(where, path, listed(found.values));
    case "too_small":
    case "too_big":
      return fromSize(found)(where, path, Number(limitOf(found)));
    case "unrecognized_keys":
      return issues.unknownKeys(where, path, listed(found.keys));
    case "invalid_format":
      return found.format === "url"
        ? urlIssues.invalidUrl(where, path, shownUrl(rawText(spot)))
        : wrongTypeIssue(found.format)(where, path);
    case "custom":
      return fromRule(found, path, spot, where);
    case "not_multiple_of":
    case "invalid_key":
    case "invalid_element":
      return wrongTypeIssue(found.code)(where, path);
  }
};

type SizeIssue = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

const fromSize = (found: SizeIssue): IssueMaker => {
  if (found.code === "too_big") return issues.tooBig;
  return found.origin === "string" || found.origin === "array" ? issues.empty : issues.tooSmall;
};

const limitOf = (found: SizeIssue): number | bigint =>
  found.code === "too_big" ? found.maximum : found.minimum;

const fromUnion = (found: z.core.$ZodIssueInvalidUnion, path: string, spot: Spot, where: Where): Issue => {
  const options = "options" in found ? found.options : undefined;
  if (options === undefined) {
    return spot.value === undefined
      ? missingIssue(path)(where, path)
      : wrongTypeIssue(firstExpected(found.errors))(where, path);
  }
  return spot.value === undefined
    ? issues.missingSource(where, listed(options))
    : issues.unknownSource(where, plainText(rawText(spot), 60), listed(options));
};

const rawText = ({ value }: Spot): string => (value?.kind === "string" ? value.text : "");

/** A rule of ours beyond the types. Those without a `problem` bring their own sentence. */
const fromRule = (found: z.core.$ZodIssueCustom, path: string, spot: Spot, where: Where): Issue => {
  const problem: unknown = found.params?.["problem"];
  return isUrlProblem(problem)
    ? urlIssues[problem](where, path, shownUrl(rawText(spot)))
    : ruleIssue(found.message)(where);
};

const isUrlProblem = (problem: unknown): problem is UrlProblem =>
  typeof problem === "string" && Object.hasOwn(urlIssues, problem);

/** What a union's first alternative would have taken: the way the setting is usually written. */
const firstExpected = (alternatives: readonly (readonly SchemaIssue[])[]): string => {
  const first = alternatives[0]?.[0];
  return first?.code === "invalid_type" ? first.expected : "union";
};

const listed = (values: readonly unknown[]): string =>
  plainText(values.map((value) => String(value)).join(", "));

/** A URL as the file has it, before expansion; without query, fragment and user, where secrets are sometimes put. */
const shownUrl = (raw: string): string => {
  const place = raw.replace(/[?#].*$/s, "").replace(/^([^:/?#]*:\/\/)?.*@/s, "$1");
  return plainText(place, 100);
};

const pathText = (path: Path): string =>
  plainText(
    path.reduce<string>(
      (text, segment) =>
        typeof segment === "number"
          ? `${text}[${segment}]`
          : text === ""
            ? String(segment)
            : `${text}.${String(segment)}`,
      "",
    ),
    100,
  );
