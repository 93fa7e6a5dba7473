import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ensureHome, unsafeAccess, unsafeRunDirectory } from "../../../../src/ipc/endpoint/safety.ts";
import { askWindows, isInProfile, type RunProgram } from "../../../../src/node/access/windowsAccess.ts";

const ada = "S-1-5-21-1-2-3-1001";
const list = `D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;${ada})`;

/** Programs of Windows that say what they would there. */
const windows =
  (text: string, asked: string[] = [], failures = 0): RunProgram =>
  async (name, args) => {
    asked.push([name, ...args].join(" "));
    if (name === "whoami.exe") return `"pc\\ada","${ada}"\r\n`;
    if (asked.filter((each) => each.startsWith("icacls")).length <= failures) throw new Error("1 failed");
    await writeFile(args[args.indexOf("/save") + 1] ?? "", Buffer.from(text, "utf16le"));
    return "";
  };

describe("what Windows is asked", () => {
  test("the list of the folder and of all below it; nothing is left behind", async () => {
    const asked: string[] = [];
    const left = async (): Promise<readonly string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith("lanyard-access-"));
    const before = await left();
    expect(await askWindows("C:/Users/ada/.lanyard/", windows(`.lanyard\r\n${list}\r\n`, asked))).toEqual({
      kind: "private",
    });
    const icacls = asked.find((each) => each.startsWith("icacls"));
    expect(icacls).toMatch(/^icacls\.exe C:\\Users\\ada\\\.lanyard \/save \S+ \/t \/l \/q$/);
    expect(await left()).toEqual(before);
  });

  test("once more where something went while it looked", async () => {
    const once = windows(`.lanyard\r\n${list}\r\n`, [], 1);
    expect(await askWindows("C:\\x", once)).toEqual({ kind: "private" });
    expect(await askWindows("C:\\x", windows("", [], 2))).toEqual({ kind: "unknown" });
  });

  test.each<[string, RunProgram]>([
    ["there is no icacls", () => Promise.reject(new Error("ENOENT"))],
    ["it writes nothing", () => Promise.resolve(`"pc\\ada","${ada}"`)],
    [
      "it does not say who asks",
      (name, args) => (name === "whoami.exe" ? Promise.resolve("") : windows(`x\r\n${list}`)(name, args)),
    ],
  ])("nothing is known where %s", async (_what, run) => {
    expect(await askWindows("C:\\x", run)).toEqual({ kind: "unknown" });
  });
});

test.each([
  ["C:\\Users\\ada\\.lanyard", true],
  ["c:/users/ADA/.lanyard", true],
  ["C:\\Users\\adamant\\.lanyard", false],
  ["C:\\lanyard", false],
  ["D:\\Users\\ada\\.lanyard", false],
  ["C:\\Users\\ada\\..\\bob", false],
])("%s is in ada's profile: %s", (folder, isIn) => {
  expect(isInProfile(folder, "C:\\Users\\ada")).toBe(isIn);
});

test.each([
  ["private", true, undefined],
  ["private", false, undefined],
  ["open", true, "openToOthers"],
  ["open", false, "openToOthers"],
  ["unknown", true, undefined],
  ["unknown", false, "notLookedAt"],
] as const)("a home that is %s, in the profile: %s", (kind, isIn, what) => {
  const access = kind === "open" ? { kind, others: ["WD"] } : { kind };
  expect(unsafeAccess(access, isIn)).toBe(what);
});

describe("where there are no modes", () => {
  let home: string;
  const { getuid } = process;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "lanyard-home-"));
    delete process.getuid;
  });
  afterEach(async () => {
    if (getuid !== undefined) process.getuid = getuid;
    await rm(home, { recursive: true });
  });

  test("a home that others reach is neither used nor believed", async () => {
    const open = (): Promise<"openToOthers"> => Promise.resolve("openToOthers");
    await expect(ensureHome(home, open)).rejects.toMatchObject({ code: "endpointUnsafe" });
    expect(await unsafeRunDirectory(home, home, open)).toBe("openToOthers");
  });

  test("a helper looks outside of the profile alone, where what cannot be seen is not believed", async () => {
    // None of Windows' programs is there to say anything.
    vi.stubEnv("SystemRoot", join(home, "nothing"));
    vi.stubEnv("HOME", join(home, "elsewhere"));
    vi.stubEnv("USERPROFILE", join(home, "elsewhere"));
    expect(await unsafeRunDirectory(home, home)).toBe("notLookedAt");
    vi.stubEnv("HOME", home);
    vi.stubEnv("USERPROFILE", home);
    expect(await unsafeRunDirectory(home, home)).toBeUndefined();
    vi.unstubAllEnvs();
  });

  test("one that is private is both", async () => {
    const fine = (): Promise<undefined> => Promise.resolve(undefined);
    await expect(ensureHome(home, fine)).resolves.toBeUndefined();
    expect(await unsafeRunDirectory(home, home, fine)).toBeUndefined();
  });
});
