import { beforeEach, describe, expect, test } from "vitest";
import { forbiddenBy, requiredAcrOf } from "../../../../src/core/connectors/permission/policy.ts";
import { policiesHere } from "../../../../src/editor/configuration/policies.ts";
import manifest from "../../../../package.json" with { type: "json" };
import { connectorNamed } from "../../../support/connectors.ts";
import { editor } from "../../../support/editor/vscode.ts";

const name = "lanyard.restrictions";
const github = connectorNamed("github");
const elsewhere = { allowedIssuers: ["https://other.example.com"] };

const folder = (value?: unknown): ReadonlyMap<string, unknown> =>
  new Map(value === undefined ? [] : [[name, value]]);

const problems = (): number => forbiddenBy(github, policiesHere()).length;

beforeEach(() => editor.reset());

describe("restrictions of a folder", () => {
  test("hold where it is opened alone, and are told once", () => {
    editor.folders = [folder(elsewhere)];
    editor.workspaceSettings.set(name, elsewhere);
    expect(problems()).toBe(1);
  });

  test.each([
    ["the first", [folder(elsewhere), folder()]],
    ["the last", [folder(), folder(), folder(elsewhere)]],
  ])("hold where it is %s of several", (_place, folders) => {
    editor.folders = folders;
    expect(problems()).toBe(1);
  });

  test("that cannot be read forbid everything", () => {
    editor.folders = [folder(), folder("none")];
    expect(problems()).toBe(1);
  });

  test("hold together with every other level's", () => {
    editor.settings.set(name, { requiredAcr: ["a", "b", "c"] });
    editor.workspaceSettings.set(name, { requiredAcr: ["b", "c"] });
    editor.folders = [folder({ requiredAcr: ["c", "d"] }), folder({ allowedIssuers: [] })];
    expect(requiredAcrOf(policiesHere())).toEqual(["c"]);
    expect(problems()).toBe(0);
  });

  test("take nothing back of what another folder forbids", () => {
    editor.folders = [folder(elsewhere), folder({ allowedIssuers: [github.userAuth.issuer] })];
    expect(problems()).toBe(1);
  });

  test("are taken by the editor from folders too", () => {
    expect(manifest.contributes.configuration.properties[name].scope).toBe("resource");
  });
});
