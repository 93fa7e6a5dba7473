import { headerNamesOf } from "../../credentials/headerNames.ts";
import type { HelperRoute } from "../connector.ts";
import { expand, type Env } from "./expand.ts";
import { guardSentence, isLookAlike, isUnsendable } from "./headerValue.ts";

/** The headers of an entry that its source sets, and that a guard has to stand under. */
export interface GuardedNames {
  readonly names: readonly string[];
  /** A script sets what it likes: then a guard under any name is taken for the entry's word on it. */
  readonly isCertain: boolean;
}

const uncertain: GuardedNames = { names: ["Authorization"], isCertain: false };

/** @param entry as JSON has it; the variables of its `credential` are expanded by `env`. */
export const guardedNames = (entry: unknown, helper: HelperRoute, env: Env): GuardedNames => {
  if (helper.kind === "script") return uncertain;
  const { credential } = recordOf(recordOf(entry)["userAuth"]);
  if (credential === undefined) return { names: ["Authorization"], isCertain: true };
  const settings = Object.entries(recordOf(credential)).map(([name, value]): [string, unknown] => [
    name,
    typeof value === "string" ? expand(value, env).text : value,
  ]);
  const names = headerNamesOf(Object.fromEntries(settings));
  return names === undefined ? uncertain : { names, isCertain: true };
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** One header of an entry's `headers`. */
export interface StaticHeader {
  readonly name: string;
  /** Undefined where it is no text. */
  readonly value: string | undefined;
}

/** The names under which a client may find a guard that a refusal has to stand in for. */
export const namesInUse = (headers: readonly StaticHeader[], { names }: GuardedNames): readonly string[] => [
  ...new Set([
    ...names,
    ...headers.flatMap(({ name, value }) => (value !== undefined && isUnsendable(value) ? [name] : [])),
  ]),
];

/** What is amiss with an entry's guards; `name` is the header that the source sets. */
export type GuardFault =
  | { readonly kind: "missing"; readonly name: string }
  /** A guard under the same name in another case, which the helper's header does not override. */
  | { readonly kind: "wrongCase"; readonly name: string; readonly header: StaticHeader }
  /** Something that was meant as a guard and that clients send. */
  | { readonly kind: "sent"; readonly name: string; readonly header: StaticHeader }
  /** A guard under a name that the source does not set: no helper's answer lifts it. */
  | { readonly kind: "blocks"; readonly header: StaticHeader };

/** Of headers of one name the last counts, as in `JSON.parse`. */
export const guardFaults = <H extends StaticHeader>(
  headers: readonly H[],
  { names, isCertain }: GuardedNames,
): readonly (GuardFault & { readonly header?: H })[] => {
  const counting = [...new Map(headers.map((header) => [header.name, header])).values()];
  const guards = counting.filter(({ value }) => value !== undefined && isUnsendable(value));
  if (!isCertain && guards.length > 0) return [];
  const faults = names.flatMap((name) => faultOf(counting, guards, name));
  const guarded = new Set(names.map((name) => name.toLowerCase()));
  const blocking = guards.filter(({ name }) => !guarded.has(name.toLowerCase()));
  return [...faults, ...blocking.map((header) => ({ kind: "blocks", header }) as const)];
};

const faultOf = <H extends StaticHeader>(
  headers: readonly H[],
  guards: readonly H[],
  name: string,
): readonly (GuardFault & { readonly header?: H })[] => {
  const isNamed = (header: H): boolean => header.name.toLowerCase() === name.toLowerCase();
  const misspelt = guards.find((header) => isNamed(header) && header.name !== name);
  if (misspelt !== undefined) return [{ kind: "wrongCase", name, header: misspelt }];
  if (guards.some((header) => header.name === name)) return [];
  const sent = headers.find((header) => isNamed(header) && isLookAlike(header.value ?? ""));
  return [sent === undefined ? { kind: "missing", name } : { kind: "sent", name, header: sent }];
};

/** The headers as they have to be: a guard under each name that the source sets, and under no other. */
export const guardedHeaders = (
  headers: readonly StaticHeader[],
  { names, isCertain }: GuardedNames,
): Readonly<Record<string, string>> => {
  const texts = headers.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  if (!isCertain && texts.some(({ value }) => isUnsendable(value))) return recordFrom(texts);
  const isGuarded = (name: string): string | undefined =>
    names.find((each) => each.toLowerCase() === name.toLowerCase());
  const kept = texts.flatMap(({ name, value }) => {
    const guarded = isGuarded(name);
    if (guarded === undefined) return isUnsendable(value) ? [] : [{ name, value }];
    return [{ name: guarded, value: isUnsendable(value) ? value : guardSentence }];
  });
  const missing = names.filter((name) => !kept.some((header) => header.name === name));
  return recordFrom([...kept, ...missing.map((name) => ({ name, value: guardSentence }))]);
};

const recordFrom = (
  headers: readonly { readonly name: string; readonly value: string }[],
): Readonly<Record<string, string>> => Object.fromEntries(headers.map(({ name, value }) => [name, value]));
