import tseslint from "typescript-eslint";
import { noCircles } from "./scripts/lint/noCircles.ts";

/** Who may import whom; docs/architecture.md, “The layers”. `groups` are gitignore patterns over the import specifier. */
const layer = (files, message, groups) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns: groups.map((group) => ({ group: [group], message })) }],
  },
});

/** What shows words in the editor, which makes links and pictures of some of them: `src/editor/screen.ts` alone calls it. */
const showing =
  "show(?:Information|Warning|Error)Message|withProgress|showQuickPick|showInputBox|createQuickPick|createInputBox|setStatusBarMessage|createStatusBarItem";
const shown = "MarkdownString|TreeItem|CodeLens|Diagnostic";
const screenMessage =
  "Text from outside must not become a link or a picture: show it through src/editor/screen.ts.";
const pastTheScreen = [
  `MemberExpression[property.name=/^(?:${showing})$/]`,
  `MemberExpression[property.value=/^(?:${showing}|${shown})$/]`,
  `ObjectPattern > Property[key.name=/^(?:${showing}|${shown})$/]`,
  `NewExpression[callee.property.name=/^(?:${shown})$/]`,
  `ImportDeclaration[source.value="vscode"] > ImportSpecifier`,
].map((selector) => ({ selector, message: screenMessage }));

const zodImport = {
  selector: 'ImportDeclaration[source.value="zod"] > ImportSpecifier[imported.name="z"]',
  message: 'Write import * as z from "zod": of a namespace the bundler keeps only what is used.',
};

const fileUris = {
  selector: 'CallExpression[callee.property.name="file"][callee.object.property.name="Uri"]',
  message:
    "A file's URI is made and compared in src/editor/files.ts: a drive letter of either case is one drive.",
};

/** Vitest's own ways of passing a test over: none of them says why. */
const unsaidSkips = [
  "MemberExpression[property.name=/^(?:skip|skipIf|runIf|todo|only)$/]",
  "Property[key.name=/^(?:skip|todo|only)$/]",
].map((selector) => ({
  selector,
  message:
    "A test that runs on Windows is skipped by needs(…) of test/support/needs.ts, which says why: npm run test:wine fails on others.",
}));

const inFolder = (name) => `**/${name}/**`;

export default tseslint.config(
  {
    ignores: [
      "**/dist/",
      "artifacts/",
      ".clients/",
      ".demo/",
      ".editor/",
      ".idps/",
      ".wine/",
      ".stryker/",
      ".vscode-test/",
      "examples/**/*.mjs",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } } },
    plugins: { lanyard: { rules: { "no-circles": noCircles } } },
    rules: {
      "lanyard/no-circles": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 15],
    },
  },
  layer(
    ["src/core/**"],
    "core is pure: it knows neither the editor nor Node, and nothing of ours outside core.",
    [
      "vscode",
      "node:*",
      inFolder("editor"),
      inFolder("node"),
      inFolder("ipc"),
      inFolder("helper"),
      "**/extension.ts",
      "**/composition.ts",
    ],
  ),
  layer(["src/ipc/**"], "ipc knows core and Node, nothing above it.", [
    "vscode",
    inFolder("editor"),
    inFolder("helper"),
    "**/extension.ts",
    "**/composition.ts",
  ]),
  layer(["src/bridge/**"], "A bridge is a part of the helper's program: core and ipc, and no command line.", [
    "vscode",
    inFolder("editor"),
    inFolder("node"),
    inFolder("helper"),
    "**/extension.ts",
    "**/composition.ts",
  ]),
  layer(["src/helper/**"], "The helper is a program of its own: core, node and ipc, never the editor.", [
    "vscode",
    inFolder("editor"),
    "**/extension.ts",
    "**/composition.ts",
  ]),
  layer(["src/node/**"], "The ports on Node know core alone.", [
    "vscode",
    inFolder("editor"),
    inFolder("ipc"),
    inFolder("helper"),
    "**/extension.ts",
    "**/composition.ts",
  ]),
  layer(["src/editor/**"], "The editor shows and asks; extension.ts composes.", [
    inFolder("helper"),
    "**/extension.ts",
    "**/composition.ts",
  ]),
  layer(
    ["facade/src/core/**", "facade/src/adapters/**"],
    "The facade's core and its adapters run on web standards: they know Lanyard's core, and no Node.",
    [
      "vscode",
      "node:*",
      "@hono/node-server",
      inFolder("node"),
      inFolder("editor"),
      inFolder("ipc"),
      inFolder("helper"),
    ],
  ),
  layer(["facade/src/node/**"], "The facade is a program of its own, without the editor and its agent.", [
    "vscode",
    inFolder("editor"),
    inFolder("ipc"),
    inFolder("helper"),
  ]),
  layer(["demo/**"], "The demo is a company, not a part of the product.", ["vscode", "**/src/**"]),
  {
    files: ["src/**"],
    rules: {
      // Work that nobody waits for starts by `inBackground` (src/core/background.ts), which loses no failure.
      "no-void": "error",
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
      "no-restricted-syntax": ["error", zodImport, fileUris, ...pastTheScreen],
    },
  },
  { files: ["src/editor/screen.ts"], rules: { "no-restricted-syntax": ["error", zodImport, fileUris] } },
  {
    files: ["src/editor/files.ts"],
    rules: { "no-restricted-syntax": ["error", zodImport, ...pastTheScreen] },
  },
  {
    files: ["test/**", "bench/**", "facade/test/**"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "error",
    },
  },
  {
    // What scripts/testWine.ts runs.
    files: ["test/unit/**", "test/wine/**", "test/process/helper/{helperContract,launcherCmd}.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...unsaidSkips] },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
