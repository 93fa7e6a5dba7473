import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { posixWords } from "../../../../../src/core/config/command/posix.ts";
import { fuzzRuns } from "../../../../support/fuzz.ts";
import { needs } from "../../../../support/needs.ts";

/** Each word as JSON would have it, a variable in angle brackets. */
const shown = (command: string): readonly string[] => {
  const { words, isWhole } = posixWords(command);
  const texts = words.map((word) => (word.kind === "plain" ? word.text : `<${word.written}>`));
  return isWhole ? texts : [...texts, "…"];
};

describe("the words of a command", () => {
  it.each<[command: string, words: readonly string[]]>([
    ["./get.sh --team a", ["./get.sh", "--team", "a"]],
    ["  a\tb \n ", ["a", "b"]],
    [String.raw`'d\1/get.sh'`, [String.raw`d\1/get.sh`]],
    [String.raw`"d\1/\"\\\$x"`, [String.raw`d\1/"\$x`]],
    [String.raw`d\1 \'\ x`, ["d1", "' x"]],
    [`a'b'"c"d`, ["abcd"]],
    [`'' ""`, ["", ""]],
    ["a\\\nb \\\n c", ["ab", "c"]],
    ['"a$" "b$/"', ["a$", "b$/"]],
    ["a#b", ["a#b"]],
    ["ä 世界 😀", ["ä", "世界", "😀"]],
  ])("%j", (command, words) => {
    expect(shown(command)).toEqual(words);
  });

  it.each<[command: string, words: readonly string[]]>([
    ['"$HOME/x" $X', ["<$HOME/x>", "<$X>"]],
    ["${A:-$B/c} ${A%.sh} $1 $@", ["<${A:-$B/c}>", "<${A%.sh}>", "<$1>", "<$@>"]],
    ["~/x a* b? [c] {d,e}", ["<~/x>", "<a*>", "<b?>", "<[c]>", "<{d,e}>"]],
  ])("that the shell expands are told: %j", (command, words) => {
    expect(shown(command)).toEqual(words);
  });

  it.each([
    ...["; b", "| b", "& b", "&& b", "< b", "> b", "2>b", "(b)", "\nb", "# b", "`b`", "$(b)", '"$(b)"'],
    ...[
      '"`b`"',
      "$((1))",
      "$[1]",
      "$'b'",
      '$"b"',
      "'b",
      '"b',
      "\\",
      "${b@P}",
      "${b-$(c)}",
      "${b",
      '"${b:-`c`}"',
    ],
    ...["\u00a0b", "\rb", "\fb", "\0b", "<(b)", "${!b}", "${b/c/d}", '"${b-"c"}"'],
  ])("end where only a shell could go on: a %s", (rest) => {
    expect(shown(`a ${rest}`)).toEqual(["a", "…"]);
  });

  it.each<[rest: string, words: readonly string[]]>([
    ["x>b", ["x"]],
    ["x<b", ["x"]],
    ["x1>b", ["x1"]],
    ["1x<b", ["1x"]],
    ["x;b", ["x"]],
    ["x b`c`", ["x"]],
    ["12>b", []],
    ["12<b", []],
    ["x`b`", []],
    ["x\\", []],
    ['x"b', []],
  ])("end with the last whole one: a %s", (rest, words) => {
    expect(shown(`a ${rest}`)).toEqual(["a", ...words, "…"]);
  });

  it.each<[parameter: string, isRead: boolean]>([
    ...["$AB", "$1", "$*", "${AB}", "${12}", "${@}", "${?}"].map((each): [string, boolean] => [each, true]),
    ...["${A:-b}", "${A-b}", "${AB:=b}", "${A+b}", "${A?}", "${A%b}", "${A%%b}", "${A#b}", "${A##b}"].map(
      (each): [string, boolean] => [each, true],
    ),
    ...["${A:-$BC/d}", "${A:-${BC}/d${EF}g}", "${A%$BC}", "${@:-b}"].map((each): [string, boolean] => [
      each,
      true,
    ]),
    ...["${}", "${A:b}", "${A b}", "${A:-b c}", "${A:-*}", "${A:-~}", "${A:-${b-c}}", "${A:-${-}}"].map(
      (each): [string, boolean] => [each, false],
    ),
    ...["${#A}", "${A^}", "${A:%b}", "${-A}", "${A:-$-}", "${A%b;c}"].map((each): [string, boolean] => [
      each,
      false,
    ]),
  ])("hold a parameter that is no more than that: %s is read: %s", (parameter, isRead) => {
    expect(shown(`x${parameter}y`)).toEqual(isRead ? [`<x${parameter}y>`] : ["…"]);
    expect(shown(`"x${parameter}y"`)).toEqual(isRead ? [`<x${parameter}y>`] : ["…"]);
  });

  it.each<[command: string, splits: boolean]>([
    ["$X", true],
    ['$X"y"', true],
    ["a*", true],
    ["~/x", true],
    ['"$@"', true],
    ['"a${@}"', true],
    ['"$X"', false],
    ['"${X#@}"', false],
    ['"$*"a', false],
    [`"$X"'*'`, false],
  ])("say whether they may become several: %s, %s", (command, splits) => {
    const written = command.replace(/["']/g, "");
    const word = { kind: "expands", written, splits, end: command.length };
    expect(posixWords(command)).toEqual({ words: [word], isWhole: true });
  });

  it("are none where there is nothing but blanks", () => {
    expect(posixWords(" \t\n")).toEqual({ words: [], isWhole: true });
    expect(posixWords("a \\\n ")).toEqual({ words: [{ kind: "plain", text: "a", end: 1 }], isWhole: true });
  });

  it("are read in a time that grows with the text", () => {
    for (const hostile of ["${", "'", '"', "\\", "a ", "$", "\\\n", "\n", '"$', "${a:-$", "${a${b}"]) {
      const startedMs = performance.now();
      posixWords(hostile.repeat(60_000));
      expect(performance.now() - startedMs).toBeLessThan(1000);
    }
  });
});

/** Letters that mean something to a shell, more often than others. */
const letter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Array.from("'\"\\ \t\n$`;|&<>()*?[]{}~#=%!^-./:,@+0aA")) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("./", "a", "b", "${A}", "$A", "\\\n", "'\\''", "\u00a0", "ä", "😀", "\r"),
  },
);
const command = fc.array(letter, { minLength: 1, maxLength: 14 }).map((letters) => letters.join(""));

/** What a shell passes to a program, whatever it is called with: printed by a function that only this knows. */
const passed = (
  shell: readonly string[],
  commands: readonly string[],
): readonly (readonly string[] | undefined)[] => {
  const [program = "", ...args] = shell;
  const separate = "\u0001";
  const script = commands
    .map((each, index) => `printf '%s\\n' "@${index}"\n/usr/bin/printf '%s\\001' start ${each}\n`)
    .map((each) => `${each}\nprintf '\\n\\002'`)
    .join("\n");
  const { stdout } = spawnSync(program, [...args, "-c", script], {
    encoding: "utf8",
    cwd: "/",
    env: { PATH: "/nonexistent" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return stdout.split("\u0002").map((each) => {
    const from = each.indexOf(`start${separate}`);
    return from < 0
      ? undefined
      : each
          .slice(from + 6)
          .split(separate)
          .slice(0, -1);
  });
};

const shells = [
  ["/bin/sh"],
  ["/usr/bin/bash", "--posix"],
  ["/usr/bin/dash"],
  ["/usr/bin/busybox", "sh"],
].filter(([program = ""]) => existsSync(program));

describe("a command of nothing but plain words", needs("posixShell"), () => {
  it.each(shells)("is what %s passes on", (...shell) => {
    const plain = fc.array(command, { minLength: 40, maxLength: 40 }).map((all) =>
      all.filter((each) => {
        const { words, isWhole } = posixWords(each);
        return isWhole && words.length > 0 && words.every(({ kind }) => kind === "plain");
      }),
    );
    let compared = 0;
    fc.assert(
      fc.property(plain, (commands) => {
        const read = commands.map((each) => shown(each));
        compared += read.length;
        expect(passed(shell, commands).slice(0, read.length)).toEqual(read);
      }),
      { numRuns: fuzzRuns(20) },
    );
    expect(compared).toBeGreaterThan(50);
  });
});
