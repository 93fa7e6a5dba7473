import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../../src/helper/environment.ts";
import { needs } from "../../support/needs.ts";

describe("what the helper is called with", () => {
  test.each([
    ["headers", { CLAUDE_CODE_MCP_SERVER_NAME: "github" }, "claude"],
    ["headers", { CLAUDE_CODE_MCP_SERVER_NAME: "" }, "claude"],
    [undefined, { CLAUDE_CODE_MCP_SERVER_NAME: "github" }, "claude"],
    ["headers", {}, "person"],
    ["token", { CLAUDE_CODE_MCP_SERVER_NAME: "github" }, "person"],
  ] as const)("%s with %j: the reader is of the right kind", (command, variables, asker) => {
    expect(readEnvironment(variables, command).asker).toBe(asker);
  });

  test.each(["launcher.sh", "launcher.cmd"])(
    "%s takes the same commands for a person's own",
    async (file) => {
      const text = await readFile(new URL(`../../../src/helper/${file}`, import.meta.url), "utf8");
      const [, listed = ""] = /(?:^|\()(token\b[ \w|]*)\)/m.exec(text) ?? [];
      const names = listed.split(/[ |]+/);
      const variables = { CLAUDE_CODE_MCP_SERVER_NAME: "github" };
      for (const name of names) expect(readEnvironment(variables, name).asker).toBe("person");
      expect(names.toSorted()).toEqual(["bridge", "clients", "doctor", "history", "status", "token"]);
    },
  );

  test.each([
    [undefined, 8000],
    ["1", 1000],
    ["9", 9000],
    ["0", 8000],
    ["10", 8000],
    ["1e1", 8000],
    ["", 8000],
  ])("a deadline of %j seconds is %d ms", (seconds, deadlineAtMs) => {
    const variables = seconds === undefined ? {} : { LANYARD_DEADLINE_SECONDS: seconds };
    expect(readEnvironment(variables, "headers")).toMatchObject({ deadlineAtMs });
  });

  test("an empty token is none", () => {
    expect(readEnvironment({ CLAUDE_CODE_MCP_USER_TOKEN: "" }, "headers").userToken).toBeUndefined();
  });

  test("the folder has the name by which it was entered, if that is true", needs("links"), async () => {
    const base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
    const link = join(base, "link");
    await symlink(process.cwd(), link);
    expect(readEnvironment({ PWD: link }, "headers").cwd).toBe(link);
    await rm(base, { recursive: true });
  });

  test("the folder is the system's word for it, where the name by which it was entered is not true", async () => {
    const base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
    for (const PWD of [base, ".", "/c/work", ""])
      expect(readEnvironment({ PWD }, "headers").cwd).toBe(process.cwd());
    await rm(base, { recursive: true });
  });
});
