import { basename } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { joinPieces, type Outputs, type Piece } from "../../../../scripts/build/joinPieces.ts";

interface Made {
  readonly code: string;
  readonly bytes?: number;
  readonly entryPoint?: string;
  /** What it loads at once, and what later. */
  readonly loads?: readonly string[];
  readonly later?: readonly string[];
}

const importsOf = ({ loads = [], later = [] }: Made): Outputs[string]["imports"] => [
  ...loads.map((path) => ({ path, kind: "import-statement" as const })),
  ...later.map((path) => ({ path, kind: "dynamic-import" as const })),
];

const join = (made: Readonly<Record<string, Made>>): ReturnType<typeof joinPieces> => {
  const outputs = Object.fromEntries(
    Object.entries(made).map(([path, one]) => [
      path,
      {
        ...{
          bytes: one.bytes ?? 100,
          inputs: { [`src/${basename(path)}`]: { bytesInOutput: 1 } },
          exports: [],
        },
        ...{
          imports: importsOf(one),
          ...(one.entryPoint === undefined ? {} : { entryPoint: one.entryPoint }),
        },
      },
    ]),
  );
  const pieces = Object.entries(made).map(([path, { code }]): Piece => ({ path, code }));
  return joinPieces(pieces, outputs, ["src/main.ts", "src/editor.ts"]);
};

/** Loads files of the build as Node does; what ran is told in order. */
const load = (
  pieces: readonly Piece[],
  path: string,
): { readonly ran: readonly string[]; readonly files: readonly string[] } => {
  const [ran, files] = [new Array<string>(), new Array<string>()];
  const loaded = new Map<string, { exports: unknown }>();
  const require = (name: string): unknown => {
    const file = `dist/${basename(name)}`;
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    files.push(file);
    const module = { exports: {} as unknown };
    loaded.set(file, module);
    const code = pieces.find((piece) => piece.path === file)?.code;
    if (code === undefined) throw new Error(`${file} is not there.`);
    runInNewContext(code, { module, require, run: (what: string) => ran.push(what) });
    return module.exports;
  };
  require(path);
  return { ran, files };
};

const shared = "dist/chunk-AAAAAAAA.cjs";
const onlyMain = "dist/chunk-BBBBBBBB.cjs";
const late = "dist/late-CCCCCCCC.cjs";
const large = "dist/chunk-DDDDDDDD.cjs";
const tree: Readonly<Record<string, Made>> = {
  "dist/main.cjs": {
    code: `run("main " + require("./chunk-BBBBBBBB.cjs").name);require("./chunk-AAAAAAAA.cjs");`,
    ...{ entryPoint: "src/main.ts", loads: [onlyMain, shared], later: [late] },
  },
  "dist/editor.cjs": {
    code: `require("./chunk-AAAAAAAA.cjs");require("./chunk-DDDDDDDD.cjs");run("editor");`,
    ...{ entryPoint: "src/editor.ts", loads: [shared, large] },
  },
  [shared]: { code: `run("shared");module.exports={name:"shared"};` },
  [onlyMain]: {
    code: `run("own");module.exports={get name(){return "own of "+require("./chunk-AAAAAAAA.cjs").name}};`,
    loads: [shared],
  },
  [late]: {
    code: `run("late");require("./chunk-AAAAAAAA.cjs");`,
    loads: [shared],
    entryPoint: "src/late.ts",
  },
  [large]: { code: `run("large");`, bytes: 50_000 },
};

describe("small pieces of a build", () => {
  test("share a file with those that the same starts load; large ones and starts stay", () => {
    const paths = join(tree).pieces.map(({ path }) => path);
    expect(paths.sort()).toEqual([
      ...["dist/chunk-DDDDDDDD.cjs", "dist/editor.cjs", "dist/main.cjs"],
      ...["dist/small-later.cjs", "dist/small-main-editor.cjs", "dist/small-main.cjs"],
    ]);
  });

  test("run when they are asked for, once, wherever they are asked from", () => {
    const { pieces } = join(tree);
    expect(load(pieces, "dist/main.cjs").ran).toEqual(["own", "shared", "main own of shared"]);
    expect(load(pieces, "dist/small-later.cjs").ran).toEqual([]);
  });

  test("cost no start anything: it loads no file that holds another's", () => {
    const { pieces } = join(tree);
    expect(load(pieces, "dist/editor.cjs").files).toEqual([
      ...["dist/editor.cjs", "dist/small-main-editor.cjs", "dist/chunk-DDDDDDDD.cjs"],
    ]);
  });

  test("are accounted for in the file that holds them", () => {
    const { outputs } = join(tree);
    expect(outputs["dist/small-main-editor.cjs"]?.inputs).toHaveProperty("src/chunk-AAAAAAAA.cjs");
    expect(outputs["dist/main.cjs"]?.imports.map(({ path }) => path)).toEqual([
      ...["dist/small-main.cjs", "dist/small-main-editor.cjs", "dist/small-later.cjs"],
    ]);
    expect(Object.keys(outputs).sort()).toEqual(
      join(tree)
        .pieces.map(({ path }) => path)
        .sort(),
    );
  });

  test("of a helper keep its name, by which the launchers find them", () => {
    const { pieces } = join({
      ...tree,
      "dist/helper-chunk-EEEEEEEE.cjs": { code: "" },
    });
    expect(pieces.map(({ path }) => path)).toContain("dist/helper-small-later.cjs");
  });
});
