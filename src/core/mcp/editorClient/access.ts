import * as z from "zod";

/** The editor's settings that decide which MCP servers may run, as they are found; an administrator can fix each. */
export interface AccessSettings {
  /** `chat.mcp.access` */
  readonly access: unknown;
  /** `chat.mcp.allowedServers` */
  readonly allowedServers: unknown;
  /** `chat.mcp.deniedServers` */
  readonly deniedServers: unknown;
  /** `chat.customizations.strictPluginOnlyCustomization` */
  readonly pluginsOnly: unknown;
}

/** Why the editor runs no server of ours at all: the setting, and what it says. */
export interface Closed {
  readonly setting: string;
  readonly value: string;
}

export interface Server {
  readonly name: string;
  readonly url: string;
}

const matcher = z.union([
  z.strictObject({ serverName: z.string().min(1) }),
  z.strictObject({ serverUrl: z.string().min(1) }),
  z.strictObject({ serverCommand: z.array(z.string()).min(1) }),
]);
type Matcher = z.infer<typeof matcher>;

/** Values that are not matchers are left out, as the editor does. */
const matchers = z.array(z.unknown()).transform((all): readonly Matcher[] =>
  all.flatMap((one) => {
    const parsed = matcher.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  }),
);

/**
 * Whether the editor's settings leave room for servers of an extension. With "registry" it may still run them; its
 * meaning is that none but those of the registry do, so none is offered.
 */
export const closedBy = ({ access, pluginsOnly }: AccessSettings): Closed | undefined => {
  if (access === "none" || access === "registry") return { setting: "chat.mcp.access", value: access };
  if (pluginsOnly === true) {
    return { setting: "chat.customizations.strictPluginOnlyCustomization", value: "true" };
  }
  return undefined;
};

/** The servers that the editor will refuse by its lists; the editor itself decides, this only tells. */
export const refusedOf = <T extends Server>(
  servers: readonly T[],
  settings: AccessSettings,
): readonly T[] => {
  const allowed = matchers.safeParse(settings.allowedServers).data;
  const denied = matchers.safeParse(settings.deniedServers).data ?? [];
  const isOn = (list: readonly Matcher[], server: T): boolean => list.some((one) => matches(one, server));
  return servers.filter(
    (server) => isOn(denied, server) || (allowed !== undefined && !isOn(allowed, server)),
  );
};

const matches = (one: Matcher, { name, url }: Server): boolean => {
  if ("serverName" in one) return one.serverName === name;
  return "serverUrl" in one && matchesUrl(one.serverUrl, url);
};

/** `*` stands for anything; case does not count, nor does a fragment or user information. */
const matchesUrl = (pattern: string, url: string): boolean => {
  const bare = bareUrl(url);
  if (bare === undefined) return false;
  if (!pattern.includes("*")) return bareUrl(pattern)?.toLowerCase() === bare.toLowerCase();
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(bare);
};

const bareUrl = (url: string): string | undefined => {
  const parsed = URL.parse(url);
  return parsed === null ? undefined : `${parsed.origin}${parsed.pathname}${parsed.search}`;
};
