import * as z from "zod";
import { registry } from "../../credentials/registry.ts";
import type { ConnectorWay } from "./addConnector.ts";

/** A setting of a credential source that a person can be asked for in one line. */
export interface SourceOption {
  /** From the source's own object inwards. */
  readonly path: readonly string[];
  readonly description: string;
  readonly isRequired: boolean;
  readonly kind: OptionKind;
  readonly schema: z.ZodType;
}

export type OptionKind =
  | { readonly kind: "text" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "yesNo" };

export interface SourceChoice {
  readonly source: string;
  /** One line, in English. */
  readonly description: string;
  readonly options: readonly SourceOption[];
  /** The ways on which it gives credentials: what signs each request needs a bridge, and no bridge runs a script. */
  readonly ways: readonly ConnectorWay[];
}

/** Every credential source of the registry. Settings that one line cannot hold are for the file itself. */
export const sourceChoices = (): readonly SourceChoice[] =>
  registry.map(({ config, signs }) => {
    const { source, ...settings } = config.shape;
    return {
      source: source.value,
      ways: signs ? ["bridge"] : source.value === "script" ? ["headers"] : ["headers", "bridge"],
      description: source.description ?? "",
      options: Object.entries<z.ZodType>(settings).flatMap(([name, schema]) => optionsAt([name], schema)),
    };
  });

/** Of an object only what it cannot be without is asked for. */
const optionsAt = (path: readonly string[], schema: z.ZodType): readonly SourceOption[] => {
  const isRequired = !schema.safeParse(undefined).success;
  const bare = withoutWrapping(schema);
  if (bare instanceof z.ZodObject) {
    const members = Object.entries<z.ZodType>(bare.shape).flatMap(([name, member]) =>
      optionsAt([...path, name], member),
    );
    return isRequired ? members.filter((member) => member.isRequired) : [];
  }
  const kind = kindOf(bare);
  const { description = "" } = schema;
  // What nobody has explained is not offered, unless the source cannot be without it.
  const isOffered = kind !== undefined && (isRequired || description !== "");
  return isOffered ? [{ path, description, isRequired, kind, schema }] : [];
};

const kindOf = (schema: z.ZodType): OptionKind | undefined => {
  if (schema instanceof z.ZodString) return { kind: "text" };
  if (schema instanceof z.ZodBoolean) return { kind: "yesNo" };
  if (schema instanceof z.ZodEnum) return { kind: "choice", values: schema.options.map(String) };
  return undefined;
};

const withoutWrapping = (schema: z.ZodType): z.ZodType => {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  const inner: unknown = isWrapped ? schema.unwrap() : undefined;
  return inner instanceof z.ZodType ? withoutWrapping(inner) : schema;
};
