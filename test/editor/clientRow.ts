import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { installEditor } from "../../scripts/editor/install.ts";
import { editorFolder, leaveCells } from "../clients/support/tables.ts";
import type { Column } from "../clients/support/others/driver.ts";

const manifest = z.object({ version: z.string() });

/** What the editor's own MCP client is seen to do, for the table that `npm run test:clients` prints. */
export class ClientRow {
  readonly #client: string;

  private constructor(client: string) {
    this.#client = client;
  }

  /** Begins it anew: nothing is left of an earlier run. */
  static async begin(): Promise<ClientRow> {
    const main = await installEditor(() => undefined);
    const file = join(dirname(main), "../package.json");
    const { version } = manifest.parse(JSON.parse(await readFile(file, "utf8")));
    await rm(editorFolder, { recursive: true, force: true });
    return new ClientRow(`VS Code ${version}`);
  }

  seen(column: Column, how: string): Promise<void> {
    return leaveCells(this.#client, column, { [column]: how }, editorFolder);
  }
}
