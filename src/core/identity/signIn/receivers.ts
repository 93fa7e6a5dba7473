/** How the authorization response can come back to where Lanyard runs. */
export type SignInWay = "loopback" | "uriHandler" | "device";

/** What is known of the place that Lanyard runs in. */
export interface SignInPlace {
  readonly ui: "desktop" | "web";
  /** The extension host runs on another machine than the window (SSH, WSL, container), or behind a web server. */
  readonly remote: boolean;
  /** In a browser: the workbench was loaded from a loopback address of this machine, so that browser reaches it. */
  readonly workbenchOnLoopback: boolean;
}

/**
 * Whether this process was started over SSH. A browser that shows its workbench at a loopback address then does so by a
 * forwarded port, and reaches no other port of this machine.
 */
export const isOverSsh = (variables: Readonly<Record<string, string | undefined>>): boolean =>
  [variables["SSH_CONNECTION"], variables["SSH_CLIENT"]].some((value) => value !== undefined && value !== "");

interface Way {
  readonly way: SignInWay;
  readonly works: (place: SignInPlace) => boolean;
}

/**
 * The ways in order of preference; the first that works here is tried first. A web workbench's callback address
 * changes with every request and so never matches a registered redirect exactly: no URI handler there.
 */
const ways: readonly Way[] = [
  {
    way: "loopback",
    works: ({ ui, remote, workbenchOnLoopback }) => (ui === "desktop" ? !remote : workbenchOnLoopback),
  },
  { way: "uriHandler", works: ({ ui }) => ui === "desktop" },
  { way: "device", works: () => true },
];

/** A way that a person chose in the settings is the only one tried. */
export const waysFor = (place: SignInPlace, chosen: SignInWay | "auto" = "auto"): readonly SignInWay[] =>
  chosen === "auto" ? ways.filter(({ works }) => works(place)).map(({ way }) => way) : [chosen];
