import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runsCommand } from "../../../../../src/core/config/command/scriptArguments.ts";

describe("a helper that was called with the approved command", () => {
  it.each<[approved: string, argv: readonly string[]]>([
    ["./get.sh", ["./get.sh"]],
    ["./get.sh --team a", ["./get.sh", "--team", "a"]],
    [`'my scripts/get.sh'  "two words" th\\ ree`, ["my scripts/get.sh", "two words", "th ree"]],
    [`./get.sh ''`, ["./get.sh", ""]],
    [`sh -c 'A=1 ./get.sh | tr a b'`, ["sh", "-c", "A=1 ./get.sh | tr a b"]],
  ])("%s", (approved, argv) => {
    expect(runsCommand(approved, argv)).toBe(true);
  });
});

describe("what only the shell can tell is taken as it comes", () => {
  it.each<[approved: string, argv: readonly string[]]>([
    [`./get.sh "$HOME/x" b`, ["./get.sh", "/home/alice/x", "b"]],
    ["./get.sh $OPTIONS", ["./get.sh"]],
    ["./get.sh $OPTIONS", ["./get.sh", "--a", "--b"]],
    [`./get.sh "$@"`, ["./get.sh"]],
    ["./get.sh *.txt", ["./get.sh", "a.txt", "b.txt"]],
    ["./get.sh 2>/dev/null", ["./get.sh"]],
    ["./get.sh >log more", ["./get.sh", "more"]],
    ["./get.sh | cat", ["./get.sh"]],
  ])("%s", (approved, argv) => {
    expect(runsCommand(approved, argv)).toBe(true);
  });
});

describe("a helper that was called with anything else", () => {
  it.each<[approved: string, argv: readonly string[]]>([
    ["./get.sh", ["./other.sh"]],
    ["./get.sh", []],
    ["./get.sh", ["./get.sh", "--more"]],
    ["./get.sh --team a", ["./get.sh", "--team"]],
    ["./get.sh --team a", ["./get.sh", "--team", "b"]],
    [`./get.sh "$HOME" b`, ["./get.sh", "/home/alice", "c"]],
    ["./get.sh $OPTIONS", ["./other.sh", "--a"]],
    ["./get.sh | cat", ["./other.sh"]],
    ["./get.sh 2>/dev/null", ["./other.sh"]],
  ])("%s is not %j", (approved, argv) => {
    expect(runsCommand(approved, argv)).toBe(false);
  });

  it("no change of a plain word goes unseen", () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9./_=,:-]{1,12}$/);
    const words = fc.array(word, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, words, (approved, called) => {
        const isSame = JSON.stringify(approved) === JSON.stringify(called);
        expect(runsCommand(approved.join(" "), approved)).toBe(true);
        expect(runsCommand(approved.join(" "), called)).toBe(isSame);
      }),
    );
  });

  it("whatever the words are once they are quoted", () => {
    const words = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(words, (argv) => {
        const approved = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
        expect(runsCommand(approved, argv)).toBe(true);
        expect(runsCommand(approved, [...argv, "more"])).toBe(false);
      }),
    );
  });
});
