import { Buffer } from "node:buffer";
import * as z from "zod";
import type { Bundled } from "./bundled.ts";

const digest = z.strictObject({ alg: z.literal("SHA-512"), content: z.string().regex(/^[0-9a-f]{128}$/) });
const license = z.union([
  z.strictObject({ license: z.strictObject({ id: z.string() }) }),
  z.strictObject({ expression: z.string() }),
]);
const component = z.strictObject({
  type: z.enum(["application", "library"]),
  "bom-ref": z.string().min(1),
  group: z.string().optional(),
  name: z.string().min(1),
  version: z.string().min(1),
  licenses: z.array(license),
  hashes: z.array(digest).optional(),
  purl: z.string().startsWith("pkg:").optional(),
});

/** As much of CycloneDX 1.6 as is written here (ECMA-424). Nothing in it changes with the time or the place of a build. */
export const sbomSchema = z
  .strictObject({
    $schema: z.literal("http://cyclonedx.org/schema/bom-1.6.schema.json"),
    bomFormat: z.literal("CycloneDX"),
    specVersion: z.literal("1.6"),
    version: z.literal(1),
    metadata: z.strictObject({ component }),
    components: z.array(component),
    dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
  })
  .refine(({ metadata, components, dependencies }) => {
    const known = new Set([metadata.component, ...components].map((each) => each["bom-ref"]));
    const named = dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
    return known.size === components.length + 1 && named.every((ref) => known.has(ref));
  }, "Every reference is of one component.");

export type Sbom = z.infer<typeof sbomSchema>;
type Component = z.infer<typeof component>;

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

export interface SbomParts {
  /** `needs` are the packages that it asks for itself. */
  readonly product: Pick<Bundled, "name" | "version" | "license" | "needs">;
  readonly packages: readonly Bundled[];
  /** The text of package-lock.json, for the hashes. */
  readonly lock: string;
}

/** The software bill of materials of the VSIX: the product, and every package of which something is in it. */
export const sbomOf = ({ product, packages, lock }: SbomParts): Sbom => {
  const hashes = hashesOf(lock);
  const refOf = ({ name, version }: Pick<Bundled, "name" | "version">): string => purlOf(name, version);
  const root = `${product.name}@${product.version}`;
  const among = (names: readonly string[]): string[] =>
    packages.filter(({ name }) => names.includes(name)).map(refOf);
  return sbomSchema.parse({
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": root,
        name: product.name,
        version: product.version,
        licenses: licensesOf(product.license),
      },
    },
    components: packages.map((each) => componentOf(each, hashes)),
    dependencies: [
      { ref: root, dependsOn: among(product.needs) },
      ...packages.map((each) => ({ ref: refOf(each), dependsOn: among(each.needs) })),
    ],
  } satisfies Sbom);
};

const componentOf = (
  { name, version, license: expression }: Bundled,
  hashes: ReadonlyMap<string, string>,
): Component => {
  const purl = purlOf(name, version);
  const group = /^(@[^/]+)\//.exec(name)?.[1];
  const content = hashes.get(`${name}@${version}`);
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: name.slice(name.indexOf("/") + 1),
    version,
    licenses: licensesOf(expression),
    ...(content === undefined ? {} : { hashes: [{ alg: "SHA-512", content }] }),
    purl,
  };
};

/** A package's name and version as a URL without a place: `pkg:npm/%40scope/name@1.2.3`. */
export const purlOf = (name: string, version: string): string =>
  `pkg:npm/${name.replace("@", "%40")}@${encodeURIComponent(version)}`;

const licensesOf = (expression: string): z.infer<typeof license>[] =>
  expression.includes(" ") ? [{ expression }] : [{ license: { id: expression } }];

/** SHA-512 in hexadecimal, by `name@version`. */
const hashesOf = (lock: string): ReadonlyMap<string, string> => {
  const entries = Object.entries(lockfile.parse(JSON.parse(lock)).packages);
  return new Map(
    entries.flatMap(([path, { version, integrity }]) => {
      const name = path.split("node_modules/").at(-1);
      const base64 = /^sha512-(\S+)$/.exec(integrity ?? "")?.[1];
      if (name === undefined || version === undefined || base64 === undefined) return [];
      return [[`${name}@${version}`, Buffer.from(base64, "base64").toString("hex")] as const];
    }),
  );
};
