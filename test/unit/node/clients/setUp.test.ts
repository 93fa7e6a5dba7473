import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bridgeCommand } from "../../../../src/core/config/command/bridgeCommand.ts";
import { clientsHere, type ClientMachine } from "../../../../src/node/clients/clientsHere.ts";
import { bridgesFrom, carryOut, plan, standings } from "../../../../src/node/clients/setUp.ts";
import { isWindows, needs } from "../../../support/needs.ts";

const connector = "salesforce";
let home = "";
let around: ClientMachine;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-clients-"));
  around = { home, env: { PATH: "" }, platform: "linux" };
});
afterEach(() => rm(home, { recursive: true, force: true }));

const write = async (file: string, text: string): Promise<string> => {
  await mkdir(dirname(join(home, file)), { recursive: true });
  await writeFile(join(home, file), text);
  return join(home, file);
};

const writeTeam = (folder: string): Promise<string> =>
  write(
    join(folder, ".mcp.json"),
    JSON.stringify({
      mcpServers: {
        [connector]: {
          ...bridgeCommand(connector),
          userAuth: { url: "https://x.example/mcp", issuer: "https://idp.example.com", clientId: "lanyard" },
        },
        light: { type: "http", url: "https://y.example" },
      },
    }),
  );

describe("the clients of a machine", () => {
  test("are found by their folder or their program", async () => {
    await write(".codex/config.toml", "");
    await chmod(await write(isWindows ? "bin/opencode.cmd" : "bin/opencode", ""), 0o755);
    around = { ...around, platform: process.platform };
    expect(await clientsHere(around)).toEqual(["codex"]);
    expect(
      await clientsHere({ ...around, env: { PATH: ["/nowhere", join(home, "bin")].join(delimiter) } }),
    ).toEqual(["codex", "opencode"]);
    expect(await clientsHere({ ...around, env: { CODEX_HOME: join(home, "other") } })).toEqual([]);
  });

  test("stand with each bridge of the nearest .mcp.json as their files say", async () => {
    await writeTeam("work");
    await mkdir(join(home, "work/deep/er"), { recursive: true });
    expect(await bridgesFrom(join(home, "work/deep/er"))).toEqual([connector]);
    expect(await bridgesFrom(home)).toEqual([]);
    // What is nearer hides what is farther, by its name alone.
    await write("work/deep/.mcp.json", JSON.stringify({ mcpServers: { [connector]: { url: "https://z" } } }));
    expect(await bridgesFrom(join(home, "work/deep/er"))).toEqual([]);
    await write("work/deep/.mcp.json", JSON.stringify({ mcpServers: { other: { url: "https://z" } } }));
    expect(await bridgesFrom(join(home, "work/deep/er"))).toEqual([connector]);
    await write(".claude/settings.json", "{}");
    await write(".qwen/settings.json", "{}");
    await write(".codex/config.toml", "");
    await write(".gemini/settings.json", "{");
    const all = await standings([connector], await clientsHere(around), around);
    expect(Object.fromEntries(all.map(({ client, has }) => [client, has]))).toEqual({
      ...{ "claude-code": "team", qwen: "approve", codex: "absent", gemini: "unclear" },
    });
  });
});

describe("a client's own file", () => {
  test("is shown, written whole, and never a second time", async () => {
    const file = await write(".codex/config.toml", '# mine\nmodel = "x"\n');
    await chmod(file, 0o640);
    const { mode } = await stat(file);
    const planned = await plan("add", "codex", connector, around);
    if (planned.kind !== "change") throw new Error(planned.kind);
    expect(planned.preview.split("\n").every((line) => line.startsWith("+ "))).toBe(true);
    expect(planned.preview).toContain("+ [mcp_servers.salesforce]");
    expect(await readFile(file, "utf8")).toBe(planned.before);
    expect(await carryOut(planned)).toBe(true);
    expect(await readFile(file, "utf8")).toBe(planned.after);
    expect((await stat(file)).mode).toBe(mode);
    expect(await readdir(dirname(file))).toEqual(["config.toml"]);
    expect(await plan("add", "codex", connector, around)).toEqual({ kind: "there", file });
    const removal = await plan("remove", "codex", connector, around);
    if (removal.kind !== "change") throw new Error(removal.kind);
    expect(await carryOut(removal)).toBe(true);
    expect(await readFile(file, "utf8")).toBe('# mine\nmodel = "x"\n');
  });

  test.each(["crm&calc.exe", "%COMSPEC%", "a|b", "a>b", "a^b", 'a"b', "a!b!", "a\nb"])(
    "gets no command of cmd.exe's that would be more than a name's: %j",
    async (name) => {
      const file = await write(".codex/config.toml", "");
      expect(await plan("add", "codex", name, around, "cmd")).toEqual({ kind: "unstartable", file });
      // A POSIX shell gets it in quotes.
      expect((await plan("add", "codex", name, around, "sh")).kind).toBe("change");
      expect((await plan("remove", "codex", name, around, "cmd")).kind).toBe("absent");
    },
  );

  test("that has changed since it was shown is left as it is", async () => {
    const file = await write(".gemini/settings.json", "{}");
    const planned = await plan("add", "gemini", connector, around);
    if (planned.kind !== "change") throw new Error(planned.kind);
    await writeFile(file, '{ "theme": "dark" }');
    expect(await carryOut(planned)).toBe(false);
    expect(await readFile(file, "utf8")).toBe('{ "theme": "dark" }');
  });

  test(
    "that is a link stays one, and one that is not there is made for its owner alone",
    needs("links", "modes"),
    async () => {
      const target = await write("dotfiles/settings.json", "{}");
      await mkdir(join(home, ".gemini"));
      await symlink(target, join(home, ".gemini/settings.json"));
      const linked = await plan("add", "gemini", connector, around);
      if (linked.kind !== "change") throw new Error(linked.kind);
      await carryOut(linked);
      expect((await lstat(linked.file)).isSymbolicLink()).toBe(true);
      expect(await readFile(target, "utf8")).toBe(linked.after);
      const made = await plan("add", "cline", connector, around);
      if (made.kind !== "change") throw new Error(made.kind);
      await carryOut(made);
      expect(JSON.parse(await readFile(made.file, "utf8"))).toEqual({
        mcpServers: { [connector]: bridgeCommand(connector) },
      });
      expect((await stat(made.file)).mode & 0o777).toBe(0o600);
    },
  );

  test("in UTF-16 is not touched, and a client that reads .mcp.json needs none", async () => {
    const file = await write(".codex/config.toml", "");
    await writeFile(file, Buffer.from("\ufeffmodel = 1", "utf16le"));
    expect(await plan("add", "codex", connector, around)).toEqual({ kind: "unreadable", file });
    expect(await plan("add", "copilot", connector, around)).toEqual({ kind: "team" });
  });
});
