import type * as z from "zod";
import type { Connector } from "../config/connector.ts";
import { declarationSchema, type DeclarationInput } from "./declaration.ts";
import { perform, type ReplyReading } from "./engine.ts";
import { type Refusal, misconfigured, type SourceResult } from "./grant.ts";
import type { SourceQuery, SourcePorts } from "./source.ts";
import { variablesOf, type TokenTarget, type Variables } from "./request/variables.ts";

/** One row of the registry. */
export interface SourceRow<S extends z.ZodObject = z.ZodObject> {
  /** What `userAuth.credential` may hold; `source` is the row's name. */
  readonly config: S;
  /** Asks it once. `config` is read through the schema again, so that no caller can pass what it does not allow. */
  readonly query: (config: unknown, query: SourceQuery, ports: SourcePorts) => Promise<SourceResult>;
  /** The URLs of everyone who is sent the user's token, for approvals and policies. */
  readonly destinations: (config: unknown, connector: Connector) => readonly string[];
  /** Whether it grants no headers but a signature for each request, which only the bridge can ask for. */
  readonly signs: boolean;
  /** The headers that it sets, read from settings that may not be whole; undefined where only its answer tells. */
  readonly headerNames: HeaderNames;
}

type HeaderNames = (settings: Readonly<Record<string, unknown>>) => readonly string[] | undefined;

/** A source whose settings have `headers` sets those; any other sets the usual one. */
const usualNames =
  (config: z.ZodObject): HeaderNames =>
  ({ headers }) =>
    "headers" in config.shape && typeof headers === "object" && headers !== null
      ? Object.keys(headers)
      : ["Authorization"];

export interface RowParts<S extends z.ZodObject> {
  readonly config: S;
  readonly query: (config: z.output<S>, query: SourceQuery, ports: SourcePorts) => Promise<SourceResult>;
  readonly destinations: (config: z.output<S>, connector: Connector) => readonly string[];
  /** Where it is not what `headers` says, or else `Authorization`. */
  readonly headerNames?: HeaderNames;
  readonly signs?: boolean;
}

/** A source with steps of its own. */
export const codedSource = <S extends z.ZodObject>(parts: RowParts<S>): SourceRow<S> => ({
  config: parts.config,
  query: (config, query, ports) => parts.query(parts.config.parse(config), query, ports),
  destinations: (config, connector) => parts.destinations(parts.config.parse(config), connector),
  signs: parts.signs ?? false,
  headerNames: parts.headerNames ?? usualNames(parts.config),
});

export interface DeclaredParts<S extends z.ZodObject> {
  readonly config: S;
  /** Writes the declaration for one entry. A refusal instead says why it cannot be written. */
  readonly declare: (
    config: z.output<S>,
    query: SourceQuery,
    ports: SourcePorts,
  ) => DeclarationInput | Refusal | Promise<DeclarationInput | Refusal>;
  readonly target?: (config: z.output<S>) => TokenTarget;
  readonly destinations: (config: z.output<S>, connector: Connector) => readonly string[];
  readonly headerNames?: HeaderNames;
}

/** A source that is data: one request, and rules for its reply. */
export const declaredSource = <S extends z.ZodObject>(parts: DeclaredParts<S>): SourceRow<S> =>
  codedSource({
    config: parts.config,
    destinations: parts.destinations,
    ...(parts.headerNames === undefined ? {} : { headerNames: parts.headerNames }),
    query: async (config, query, ports) => {
      const declared = await parts.declare(config, query, ports);
      if ("kind" in declared) return { grant: declared, answeredBy: "Lanyard" };
      return performDeclared(declared, parts.target?.(config) ?? {}, query, ports);
    },
  });

/** Checks a declaration, whoever wrote it, and asks. */
export const performDeclared = async (
  declared: DeclarationInput,
  target: TokenTarget,
  query: SourceQuery,
  ports: SourcePorts,
  /** What earlier steps of the same source yielded. */
  earlier: Variables = {},
  reading: ReplyReading = {},
): Promise<SourceResult> => {
  const checked = declarationSchema.safeParse(declared);
  if (checked.success)
    return perform(checked.data, { ...variablesOf(query, target), ...earlier }, query, ports, reading);
  const [issue] = checked.error.issues;
  const grant = misconfigured(
    query.connector,
    "The credential source cannot be used: {0} ({1}).",
    issue?.message ?? "",
    issue?.path.join(".") ?? "",
  );
  return { grant, answeredBy: "Lanyard" };
};
