import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import * as z from "zod";
import { inRoot } from "../../scripts/support/paths.ts";
import { calledSchema, listedTools, type Call, type Called, type ListedTool } from "./caller/protocol.ts";
import type { World } from "./harness.ts";

/** What an extension needs for the editor to load it from a folder. */
const manifest = {
  ...{ name: "caller", publisher: "test", version: "0.0.1", engines: { vscode: "^1.101.0" } },
  ...{ main: "./extension.cjs", activationEvents: ["onStartupFinished"] },
  contributes: { languageModelChatProviders: [{ vendor: "stand-in", displayName: "Stand-in" }] },
};

/** Makes the extension. @returns what to add to the address of a window that is to have it. */
export const buildCaller = async (world: World): Promise<string> => {
  const folder = join(world.home, "caller");
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await esbuild.build({
    ...{ entryPoints: [inRoot("test/editor/caller/extension.ts")], outfile: join(folder, "extension.cjs") },
    ...{ bundle: true, format: "cjs", platform: "node", target: "node22", external: ["vscode"] },
  });
  const { pathname } = pathToFileURL(folder);
  const path = `vscode-remote://127.0.0.1:${world.editor.port}${pathname}`;
  return `&payload=${encodeURIComponent(JSON.stringify([["extensionDevelopmentPath", path]]))}`;
};

/** The tools of the editor's own MCP client, as an extension gets them. */
export class Caller {
  readonly #urlFile: string;

  constructor(urlFile: string) {
    this.#urlFile = urlFile;
  }

  async tools(): Promise<readonly ListedTool[]> {
    return listedTools.parse(await this.#ask("/tools"));
  }

  async call(call: Call): Promise<Called> {
    return calledSchema.parse(await this.#ask("/call", call));
  }

  /** Says it in the editor's chat, to the model that stands in. */
  async chat(query: string): Promise<void> {
    await this.#ask("/chat", { query });
  }

  /** What reached that model, request by request. */
  async read(): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#ask("/read"));
  }

  async #ask(path: string, body?: object): Promise<unknown> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${await readFile(this.#urlFile, "utf8")}${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
}
