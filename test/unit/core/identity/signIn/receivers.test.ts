import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  isOverSsh,
  waysFor,
  type SignInPlace,
  type SignInWay,
} from "../../../../../src/core/identity/signIn/receivers.ts";

const place = (over: Partial<SignInPlace>): SignInPlace => ({
  ...{ ui: "desktop", remote: false, workbenchOnLoopback: false },
  ...over,
});

describe("the ways in which a sign-in comes back", () => {
  const onDesktop: SignInWay[] = ["loopback", "uriHandler", "device"];
  const fromDesktop: SignInWay[] = ["uriHandler", "device"];
  it.each<[string, SignInPlace, SignInWay[]]>([
    ["a folder of this machine, on the desktop", place({}), onDesktop],
    ["SSH, WSL, a dev container or a tunnel, from the desktop", place({ remote: true }), fromDesktop],
    [
      "code-server or serve-web, in a browser on the same machine",
      place({ ui: "web", remote: true, workbenchOnLoopback: true }),
      ["loopback", "device"],
    ],
    [
      "code-server elsewhere, vscode.dev with a tunnel, Codespaces in a browser",
      place({ ui: "web", remote: true }),
      ["device"],
    ],
  ])("%s", (_where, here, expected) => {
    expect(waysFor(here)).toEqual(expected);
  });

  it.each<SignInWay>(["loopback", "uriHandler", "device"])(
    "is the one that the person chose, and no other: %s",
    (chosen) => {
      expect(waysFor(place({ ui: "web", remote: true }), chosen)).toEqual([chosen]);
    },
  );
});

describe("a server that was started over SSH", () => {
  it.each([
    [{ SSH_CONNECTION: "10.0.0.2 51234 10.0.0.1 22" }, true],
    [{ SSH_CLIENT: "10.0.0.2 51234 22" }, true],
    [{ SSH_CONNECTION: "" }, false],
    [{ SSH_AUTH_SOCK: "/run/agent" }, false],
    [{}, false],
  ])("is known by its environment: %j", (variables, expected) => {
    expect(isOverSsh(variables)).toBe(expected);
  });
});

describe("the manifest", () => {
  it("lets Lanyard run where the shell runs, and nowhere else: there Claude Code asks for headers", () => {
    const manifest = JSON.parse(
      readFileSync(new URL("../../../../../package.json", import.meta.url), "utf8"),
    ) as Readonly<Record<string, unknown>>;
    expect(manifest).toMatchObject({ extensionKind: ["workspace"], main: "./dist/extension.cjs" });
    expect(manifest).not.toHaveProperty("browser");
  });
});
