import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clientKeysOf } from "../../../src/node/clientKeys.ts";
import { needs } from "../../support/needs.ts";

const idp = "https://idp.example.com";
const keyAt = (path: string) => () => new Map([["idp", { file: path, issuer: idp }]]);

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-keys-"));
  file = join(folder, "key.json");
  await writeFile(file, '{"kty":"EC"}', { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true }));

describe("a client key that a setting names", () => {
  test("is read from its file", async () => {
    expect((await clientKeysOf(keyAt(file))("idp", idp))?.reveal()).toBe('{"kty":"EC"}');
  });

  test("is absent when the settings do not name it", async () => {
    expect(await clientKeysOf(() => new Map())("idp", idp)).toBeUndefined();
  });

  test("is absent for connectors of another identity provider", async () => {
    expect(await clientKeysOf(keyAt(file))("idp", "https://evil.example.com")).toBeUndefined();
  });

  test("is refused while others may read it", needs("modes"), async () => {
    await chmod(file, 0o640);
    await expect(clientKeysOf(keyAt(file))("idp", idp)).rejects.toThrow("mode 0600");
  });

  test.each([
    [{ kind: "open", others: ["BU"] }, "take them out with icacls"],
    [{ kind: "unknown" }, "does not say who"],
  ] as const)("is refused by what the lists of Windows say: %j", async (access, why) => {
    const keys = clientKeysOf(keyAt(file), () => Promise.resolve(access));
    await expect(keys("idp", idp)).rejects.toThrow(why);
  });

  test("is refused when it is missing, relative or too large", async () => {
    await expect(clientKeysOf(keyAt(join(folder, "none")))("idp", idp)).rejects.toThrow("cannot be opened");
    await expect(clientKeysOf(keyAt("key.json"))("idp", idp)).rejects.toThrow("not absolute");
    await writeFile(file, "x".repeat(20_000));
    await expect(clientKeysOf(keyAt(file))("idp", idp)).rejects.toThrow("too large");
  });
});
