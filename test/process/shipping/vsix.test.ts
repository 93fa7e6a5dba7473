import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { sha256 } from "../../../scripts/package.ts";
import { inRoot } from "../../../scripts/support/paths.ts";
import { run } from "../../../scripts/support/processes.ts";
import { packageFolder } from "../../../scripts/supplyChain/bundled.ts";
import { sbomSchema } from "../../../scripts/supplyChain/sbom.ts";
import { readZip, type Entries } from "../../../scripts/support/zip.ts";

/** The repository is copied twice, with other paths and times, and each copy is built and packed in another time zone. */
let base: string;
let copies: readonly [string, string];
let files: Entries;

/** What no build reads: what tests and tools have fetched may be gigabytes. */
const notSources = /^(?:(?:node_modules|dist|artifacts|bench|demo)(?:[\\/]|$)|\.(?!vscodeignore$))/;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-vsix-"));
  copies = [join(base, "one"), join(base, "deeper/in/two")];
  await cp(inRoot("."), copies[0], {
    recursive: true,
    filter: (path) => !notSources.test(path.slice(inRoot(".").length + 1)),
  });
  await cp(copies[0], copies[1], { recursive: true });
  for (const [index, copy] of copies.entries()) {
    await symlink(inRoot("node_modules"), join(copy, "node_modules"), "junction");
    const env = { ...process.env, TZ: ["Asia/Kathmandu", "America/St_Johns"][index] };
    for (const script of ["build", "package"])
      await run(process.execPath, [join(copy, `scripts/${script}.ts`)], { cwd: copy, env });
  }
  files = readZip(await readFile(join(copies[0], "dist/lanyard.vsix")));
}, 180_000);
afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 5 }));

const text = (name: string): string => {
  const content = files.get(name);
  if (content === undefined) throw new Error(`${name} is not in the VSIX.`);
  return content.toString("utf8");
};

test("one commit gives one VSIX, wherever and whenever it is built", async () => {
  const hashes = await Promise.all(copies.map((copy) => sha256(join(copy, "dist/lanyard.vsix"))));
  console.log(`SHA-256 of both VSIX: ${hashes.join(" ")}`);
  expect(hashes[1]).toBe(hashes[0]);
});

test("the VSIX has at most 400 kB", async () => {
  const { byteLength } = await readFile(join(copies[0], "dist/lanyard.vsix"));
  console.log(`VSIX: ${byteLength} bytes.`);
  expect(byteLength).toBeLessThanOrEqual(400_000);
});

test("the translations are in the VSIX, and not the list that translators work from", () => {
  const l10n = [...files.keys()].filter((name) => /nls|l10n/.test(name));
  expect(l10n.sort()).toEqual([
    "extension/l10n/bundle.l10n.zh-cn.json",
    "extension/package.nls.json",
    "extension/package.nls.zh-cn.json",
  ]);
});

const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.unknown()),
      imports: z.array(
        z.object({ path: z.string(), kind: z.string(), external: z.boolean().default(false) }),
      ),
    }),
  ),
});

const readMeta = async (): Promise<z.infer<typeof metafile>> =>
  metafile.parse(JSON.parse(await readFile(join(copies[0], "dist/meta-extension.json"), "utf8")));

test("what the extension loads before anything is asked of it has at most 60 kB, and no package", async () => {
  const { outputs } = await readMeta();
  const loaded = new Set(["dist/extension.cjs"]);
  for (const path of loaded)
    for (const { path: piece, kind, external } of outputs[path]?.imports ?? [])
      if (kind === "import-statement" && !external) loaded.add(piece);
  const bytes = [...loaded].map((path) => files.get(`extension/${path}`)?.byteLength ?? Infinity);
  const total = bytes.reduce((sum, each) => sum + each, 0);
  console.log(`Loaded by activation: ${loaded.size} files, ${total} bytes.`);
  expect(total).toBeLessThanOrEqual(60_000);
  const inputs = [...loaded].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  expect(inputs.filter((input) => packageFolder(input) !== undefined)).toEqual([]);
});

test("every piece takes VS Code's API as it is: a copy of it would cost more than the piece itself", () => {
  const pieces = [...files].filter(([name]) => name.endsWith(".cjs")).map(([, bytes]) => bytes.toString());
  const asked = pieces.flatMap((text) => text.match(/[^;]*require\("vscode"\)[^;]*/g) ?? []);
  expect(asked.length).toBeGreaterThan(5);
  for (const statement of asked)
    expect(statement).toMatch(/(?:^|=>\{)(?:const|var) [\w$]+=require\("vscode"\)/);
});

describe("whose work is in it", () => {
  const bundled = async (): Promise<readonly string[]> => {
    const outputs = Object.values((await readMeta()).outputs);
    const folders = outputs.flatMap(({ inputs }) => Object.keys(inputs)).map(packageFolder);
    return [...new Set(folders.map((folder) => folder?.split("node_modules/").at(-1)))]
      .filter((name) => name !== undefined)
      .sort();
  };

  const sbom = (): z.infer<typeof sbomSchema> =>
    sbomSchema.parse(JSON.parse(text("extension/dist/sbom.cdx.json")));
  const nameOf = ({ group, name }: { readonly group?: string | undefined; readonly name: string }): string =>
    group === undefined ? name : `${group}/${name}`;

  test("every package of the bundles is in the SBOM, and nothing else is", async () => {
    expect(await bundled()).toContain("zod");
    expect(sbom().components.map(nameOf).sort()).toEqual(await bundled());
  });

  test("every script in the VSIX is one that the bundler accounted for", async () => {
    const known = Object.keys((await readMeta()).outputs).map((path) => `extension/${path}`);
    const scripts = [...files.keys()].filter((name) => /\.[cm]?js$/.test(name));
    expect(scripts.sort()).toEqual(known.sort());
  });

  test("the SBOM names what the lock file installs, by hash", () => {
    for (const { hashes, purl } of sbom().components) {
      expect(purl).toMatch(/^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d/);
      expect(hashes).toHaveLength(1);
    }
  });

  test("the notices have each package's license", () => {
    const notices = text("extension/dist/third-party-notices.txt");
    for (const component of sbom().components)
      expect(notices).toContain(`${nameOf(component)} ${component.version} (`);
  });

  test("neither says where a package was fetched from", () => {
    for (const name of ["sbom.cdx.json", "third-party-notices.txt"])
      expect(text(`extension/dist/${name}`)).not.toMatch(/registry|\.tgz/);
  });
});

describe("its page on a marketplace", () => {
  const manifest = z.object({
    icon: z.string(),
    repository: z.object({ url: z.string() }),
    bugs: z.object({ url: z.string() }),
    homepage: z.string(),
    qna: z.string(),
    keywords: z.array(z.string()).max(30),
    categories: z.array(z.string()).min(1),
    galleryBanner: z.object({ color: z.string().regex(/^#[0-9a-f]{6}$/), theme: z.enum(["dark", "light"]) }),
    pricing: z.literal("Free"),
  });
  const read = (): z.infer<typeof manifest> => manifest.parse(JSON.parse(text("extension/package.json")));

  test("has an icon of 128 pixels or more", () => {
    const icon = files.get(`extension/${read().icon}`);
    expect(icon?.toString("latin1", 1, 4)).toBe("PNG");
    expect([icon?.readUInt32BE(16), icon?.readUInt32BE(20)]).toEqual([256, 256]);
  });

  test("leads to one place", () => {
    const { repository, bugs, homepage, qna } = read();
    const place = repository.url.replace(/\.git$/, "");
    for (const url of [bugs.url, homepage, qna]) expect(url.startsWith(place)).toBe(true);
  });

  test("promises what it keeps in folders that are not trusted, or not on a disk", () => {
    const promised = z.object({
      extensionKind: z.tuple([z.literal("workspace")]),
      capabilities: z.object({
        untrustedWorkspaces: z.object({ supported: z.literal("limited"), description: z.string().min(1) }),
        virtualWorkspaces: z.object({ supported: z.literal("limited"), description: z.string().min(1) }),
      }),
    });
    expect(promised.safeParse(JSON.parse(text("extension/package.json"))).error).toBeUndefined();
  });

  test("shows pictures and follows links that exist in the repository", () => {
    const place = read().repository.url.replace(/\.git$/, "");
    const readme = text("extension/readme.md");
    const targets = [...readme.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
      ([, link, attribute]) => link ?? attribute ?? "",
    );
    expect(targets.some((url) => url.endsWith(".png"))).toBe(true);
    for (const url of targets.filter((target) => !target.startsWith("#"))) {
      expect(url).toMatch(/^https:\/\//);
      const path = new RegExp(`^${place}/(?:blob|raw)/HEAD/([^#?]+)`).exec(url)?.[1];
      if (path !== undefined) expect(existsSync(inRoot(path)), url).toBe(true);
    }
  });
});
