import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCommand, readCommandLine } from "../../../src/helper/commandLine.ts";
import { helpOf } from "../../../src/helper/help.ts";
import { exitCodes } from "../../../src/ipc/api/exitCodes.ts";

describe("the command line", () => {
  test("has options in both spellings", () => {
    for (const args of [
      ["--server=a", "--url=b"],
      ["--server", "a", "--url", "b"],
    ]) {
      expect(readCommandLine("headers", args)).toMatchObject({
        options: { server: "a", url: "b", json: false },
      });
    }
  });

  test("what stands after -- is the script's, whatever it looks like", () => {
    expect(readCommandLine("headers", ["--stdin", "--", "./get.sh", "--json", "--", "x"])).toMatchObject({
      options: { stdin: true, json: false, script: ["./get.sh", "--json", "--", "x"] },
    });
  });

  test.each([
    ["status", ["--server=a"]],
    ["doctor", ["--", "x"]],
    ["headers", ["--"]],
    ["headers", ["--stdin"]],
    ["headers", ["--server"]],
    ["headers", ["--issuer=a"]],
    ["token", ["stray"]],
  ] as const)("%s %j is wrong, and it says why", (command, args) => {
    const line = readCommandLine(command, args);
    expect(line).toMatchObject({ kind: "wrong", message: expect.stringMatching(/\S/) as string });
  });

  test("any arguments are options or wrong", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("--", "--json", "--url", "-h"))), (args) => {
        expect(["options", "wrong"]).toContain(readCommandLine("headers", args).kind);
      }),
    );
  });

  test("names of JavaScript's own are no commands", () => {
    expect([isCommand("headers"), isCommand("toString"), isCommand("__proto__")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test.each([undefined, "headers", "token", "status", "doctor"] as const)(
  "help of %s names every exit code",
  (command) => {
    const help = helpOf(command);
    for (const code of Object.values(exitCodes)) expect(help).toMatch(new RegExp(`^ +${code}  \\S`, "m"));
    for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  },
);
