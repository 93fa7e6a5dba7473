/** The real Claude Code for Windows over the entry of README.md: who gets a credential, and that nobody goes without. */
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../scripts/support/paths.ts";
import { helperCommand } from "../../src/core/config/command/helperCommand.ts";
import { openClaudeFolder, type ClaudeFolder } from "../clients/support/claudeFolder.ts";
import { startRecorders, type Recorder, type Recorders } from "../clients/support/recorder.ts";
import { vaultCredential } from "../process/acme.ts";
import { buildHelper, install, startAgentProcess } from "../process/support.ts";
import { needs } from "../support/needs.ts";

const client = { version: "", program: process.env["LANYARD_CLAUDE_EXE"] ?? "" };
const entrySchema = z.looseObject({ headersHelper: z.string(), headers: z.record(z.string(), z.string()) });
const exampleSchema = z.object({ mcpServers: z.object({ salesforce: entrySchema }) });

const readmeEntry = async (): Promise<z.infer<typeof entrySchema>> => {
  const text = await readFile(inRoot("README.md"), "utf8");
  const [, json = ""] = /```json\n(\{.*?\n\})\n```/s.exec(text) ?? [];
  return exampleSchema.parse(JSON.parse(json)).mcpServers.salesforce;
};

interface Story {
  readonly what: string;
  /** A connector of the agent's. */
  readonly server: string;
  readonly homeName?: string;
  readonly isAgentUp: boolean;
  readonly headersHelper?: string;
  /** What becomes of the command before the client runs. */
  readonly break?: (lanyardHome: string) => Promise<void>;
  readonly says: RegExp;
  readonly isGranted?: boolean;
}

const refused = (reason: string): RegExp => new RegExp(`Invalid header name: '.*${reason}`);
const guarded = /Header 'Authorization' has invalid value/;

const stories: readonly Story[] = [
  { what: "granted", server: "ready", isAgentUp: true, says: /Connected/, isGranted: true },
  {
    ...{ what: "granted, in a home that is odd", server: "ready", homeName: "Müller & Söhne (2)" },
    ...{ isAgentUp: true, says: /Connected/, isGranted: true },
  },
  { what: "denied by policy", server: "denied", isAgentUp: true, says: refused("Denied by policy") },
  { what: "VS Code is closed", server: "ready", isAgentUp: false, says: refused("Lanyard is not running") },
  {
    ...{ what: "not installed", server: "ready", isAgentUp: false, says: guarded },
    break: (home) => rm(home, { recursive: true }),
  },
  {
    ...{ what: "the helper is gone", server: "ready", isAgentUp: false, says: refused("makes no sense") },
    break: (home) => rm(join(home, "lib/lanyard.cjs")),
  },
  {
    ...{ what: "the helper is broken", server: "ready", isAgentUp: false, says: refused("makes no sense") },
    break: (home) => writeFile(join(home, "lib/lanyard.cjs"), "%%% {"),
  },
  {
    ...{ what: "the command prints before it answers", server: "ready", isAgentUp: false, says: guarded },
    break: (home) => writeFile(join(home, "bin/lanyard.cmd"), "@echo hello\r\n@echo {}\r\n"),
  },
  {
    ...{ what: "an entry for a POSIX shell alone", server: "ready", isAgentUp: false, says: guarded },
    headersHelper: helperCommand.split(" || ")[0] ?? "",
  },
];

const tableFile = inRoot("artifacts/wine-claude.md");
let recorders: Recorders;
beforeAll(async () => {
  recorders = startRecorders();
  await mkdir(inRoot("artifacts"), { recursive: true });
  await writeFile(
    tableFile,
    "| Claude Code for Windows | requests | without a credential | it says |\n| --- | --- | --- | --- |\n",
  );
});
afterAll(() => recorders[Symbol.asyncDispose]());

const listed = async (folder: ClaudeFolder, { port }: Recorder, story: Story): Promise<string> => {
  const { headersHelper, headers } = await readmeEntry();
  const url = `http://127.0.0.1:${port}/mcp`;
  await folder.writeMcpJson({
    [story.server]: { type: "http", url, headers, headersHelper: story.headersHelper ?? headersHelper },
  });
  const { stdout } = await folder.run(client, ["mcp", "list"]);
  return stdout.split("\n").find((line) => line.includes(url)) ?? stdout;
};

describe("claude.exe mcp list", needs("claudeForWindows"), () => {
  test.each(stories)("$what", async (story) => {
    const recorder = await recorders.open(vaultCredential);
    const { homeName = "ada" } = story;
    await using folder = await openClaudeFolder({ isTrusted: true, homeName });
    const lanyardHome = join(folder.home, ".lanyard");
    await install(lanyardHome, await buildHelper(folder.project));
    const url = `http://127.0.0.1:${recorder.port}/mcp`;
    const agent = story.isAgentUp ? await startAgentProcess(lanyardHome, url) : undefined;
    await story.break?.(lanyardHome);
    const said = await listed(folder, recorder, story);
    await agent?.stop();
    const bare = recorder.requests.filter(({ hasCredential }) => !hasCredential);
    const says = said.replaceAll(/^.*? - |[\r|]/g, "").trim();
    await appendFile(
      tableFile,
      `| ${story.what} | ${recorder.requests.length} | ${bare.length} | ${says} |\n`,
    );
    expect(says).toMatch(story.says);
    expect(bare).toEqual([]);
    expect(recorder.requests.length > 0).toBe(story.isGranted === true);
  });
});
