import { describe, expect, it } from "vitest";
import { waysFor, type SignInPlace, type SignInWay } from "../../../../src/core/identity/receivers.ts";

const place = (over: Partial<SignInPlace>): SignInPlace => ({
  ...{ ui: "desktop", remote: false, workbenchOnLoopback: false },
  ...over,
});

describe("the ways in which a sign-in comes back", () => {
  it.each<[string, SignInPlace, SignInWay[]]>([
    ["on the desktop", place({}), ["loopback", "uriHandler", "device"]],
    ["on the desktop, working remotely", place({ remote: true }), ["uriHandler", "device"]],
    [
      "in a browser on this machine",
      place({ ui: "web", remote: true, workbenchOnLoopback: true }),
      ["loopback", "device"],
    ],
    ["in a browser elsewhere", place({ ui: "web", remote: true }), ["device"]],
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
