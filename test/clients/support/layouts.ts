import { join } from "node:path";
import {
  dropped,
  entry,
  heard,
  local,
  managedOnly,
  other,
  servers,
  utf16,
  variableUnset,
  withWorktree,
  type Layout,
} from "./layoutParts.ts";
import { oddLayouts } from "./oddLayouts.ts";

/** Each differs from the others in a place, or in who hides whom. */
export const layouts: Readonly<Record<string, Layout>> = {
  "the open folder's .mcp.json": ({ path, write }) => {
    write(path("app/.mcp.json"), servers({ one: entry("app") }));
    return { open: path("app") };
  },
  "no repository: the folders around": ({ path, write }) => {
    write(path(".mcp.json"), servers({ top: entry("top"), both: entry("top-both") }));
    write(path("work/.mcp.json"), servers({ both: entry("work-both") }));
    write(path("work/app/.mcp.json"), servers({ own: entry("app") }));
    return { open: path("work/app") };
  },
  "a repository: its folders up to the root": ({ path, write, git }) => {
    git(path("repo"), "init");
    write(path("repo/.mcp.json"), servers({ root: entry("root"), both: entry("root-both") }));
    write(
      path("repo/packages/.mcp.json"),
      servers({ packages: entry("packages"), both: entry("packages-both") }),
    );
    write(path("repo/packages/app/src/x.ts"), "");
    return { open: path("repo/packages/app") };
  },
  "a repository: what lies above its root": ({ path, write, git }) => {
    git(path("work/repo"), "init");
    write(path("work/.mcp.json"), servers({ above: entry("above") }));
    write(path("work/repo/.mcp.json"), servers({ root: entry("root") }));
    return { open: path("work/repo") };
  },
  "a folder below the open one": ({ path, write, git }) => {
    git(path("repo"), "init");
    write(path("repo/.mcp.json"), servers({ root: entry("root"), both: entry("root-both") }));
    write(path("repo/apps/a/.mcp.json"), servers({ a: entry("a"), both: entry("a-both") }));
    write(path("repo/apps/b/.mcp.json"), servers({ b: entry("b"), both: entry("b-both") }));
    return { open: path("repo"), cwd: path("repo/apps/a") };
  },
  "a folder below, seen from the open one": ({ path, write, folder }) => {
    write(path("repo/apps/a/.mcp.json"), servers({ a: entry("a") }));
    folder(path("repo"));
    return { open: path("repo") };
  },
  "a submodule": ({ path, write, git, folder }) => {
    git(path("lib"), "init");
    git(path("lib"), "commit", "--allow-empty", "-m", "first");
    git(path("repo"), "init");
    git(path("repo"), "-c", "protocol.file.allow=always", "submodule", "add", path("lib"), "lib");
    write(path("repo/.mcp.json"), servers({ root: entry("root") }));
    write(
      path("home/.claude.json"),
      local({ [path("repo")]: { outer: entry("outer") }, [path("repo/lib")]: { inner: entry("inner") } }),
    );
    return { open: folder(path("repo/lib")) };
  },
  "CLAUDE_CONFIG_DIR unset": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ mine: entry("home") }));
    write(path("home/.claude/.claude.json"), servers({ strange: entry("strange") }));
    return { open: folder(path("app")) };
  },
  "CLAUDE_CONFIG_DIR set to nothing": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ mine: entry("home") }));
    write(path("app/.claude.json"), servers({ strange: entry("strange") }));
    return { open: folder(path("app")), env: { CLAUDE_CONFIG_DIR: "" } };
  },
  "CLAUDE_CONFIG_DIR set": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ strange: entry("home") }));
    write(path("elsewhere/.claude.json"), servers({ mine: entry("elsewhere") }));
    return { open: folder(path("app")), env: { CLAUDE_CONFIG_DIR: path("elsewhere") } };
  },
  ".config.json in ~/.claude": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ mine: entry("newer") }));
    write(path("home/.claude/.config.json"), servers({ mine: entry("older") }));
    return { open: folder(path("app")) };
  },
  ".config.json in CLAUDE_CONFIG_DIR": ({ path, write, folder }) => {
    write(path("elsewhere/.claude.json"), servers({ mine: entry("newer") }));
    write(path("elsewhere/.config.json"), servers({ mine: entry("older") }));
    return { open: folder(path("app")), env: { CLAUDE_CONFIG_DIR: path("elsewhere") } };
  },
  "local scope, without a repository": ({ path, write, folder }) => {
    write(
      path("home/.claude.json"),
      local({ [path("app")]: { here: entry("here") }, [path()]: { around: entry("around") } }),
    );
    return { open: folder(path("app")) };
  },
  "local scope, from a folder of the repository": ({ path, write, git, folder }) => {
    git(path("repo"), "init");
    write(
      path("home/.claude.json"),
      local({ [path("repo")]: { root: entry("root") }, [path("repo/apps")]: { apps: entry("apps") } }),
    );
    return { open: folder(path("repo/apps")) };
  },
  "local scope of a worktree": (machine) => {
    const { main, tree } = withWorktree(machine, "tree");
    machine.write(
      machine.path("home/.claude.json"),
      local({ [main]: { kept: entry("main") }, [tree]: { passed: entry("tree") } }),
    );
    machine.write(join(main, ".mcp.json"), servers({ shared: entry("main-shared") }));
    machine.write(join(tree, ".mcp.json"), servers({ own: entry("tree-own") }));
    return { open: tree };
  },
  "a worktree below the main one": (machine) => {
    const { main, tree } = withWorktree(machine, "main/.claude/worktrees/tree");
    machine.write(machine.path("home/.claude.json"), local({ [main]: { kept: entry("main") } }));
    machine.write(join(main, ".mcp.json"), servers({ shared: entry("main-shared") }));
    return { open: tree };
  },
  "one name in three scopes": ({ path, write, folder }) => {
    write(path("home/.claude.json"), {
      ...servers({ all: entry("user"), two: entry("user-two") }),
      ...local({ [path("app")]: { all: entry("local") } }),
    });
    write(path("app/.mcp.json"), servers({ all: entry("project"), two: entry("project-two") }));
    return { open: folder(path("app")) };
  },
  "hidden by an entry without userAuth": ({ path, write, folder }) => {
    write(path("home/.claude.json"), {
      ...servers({ a: entry("a") }),
      ...local({ [path("app")]: { b: other("b") } }),
    });
    write(path("app/.mcp.json"), servers({ a: other("a"), b: entry("b") }));
    return { open: folder(path("app")) };
  },
  "the administrator's file": ({ path, write, managed, folder }) => {
    write(join(managed, "managed-mcp.json"), servers({ given: entry("given"), both: entry("given-both") }));
    write(path("home/.claude.json"), servers({ mine: entry("home") }));
    write(path("app/.mcp.json"), servers({ both: entry("app-both"), own: entry("app") }));
    return { open: folder(path("app")), argued: { mine: managedOnly, own: managedOnly } };
  },
  "${…} by env of the settings": ({ path, write, origin }) => {
    write(path("home/.claude/settings.json"), {
      enableAllProjectMcpServers: true,
      env: { LY_PLACE: "settings", LY_NUMBER: 8 },
    });
    write(
      path("app/.mcp.json"),
      servers({
        both: heard(`${origin}/\${LY_PLACE}/both`),
        number: heard(`${origin}/\${LY_NUMBER}/number`),
        own: heard(`${origin}/\${LY_SHELL}/own`),
        fallback: heard(`${origin}/\${LY_NOWHERE:-fallback}/fallback`),
      }),
    );
    return { open: path("app"), env: { LY_PLACE: "shell", LY_SHELL: "shell" } };
  },
  "${…} by env of the administrator's settings": ({ path, write, managed, origin }) => {
    write(join(managed, "managed-settings.json"), { env: { LY_PLACE: "managed" } });
    write(path("home/.claude/settings.json"), {
      enableAllProjectMcpServers: true,
      env: { LY_PLACE: "settings" },
    });
    write(path("app/.mcp.json"), servers({ one: heard(`${origin}/\${LY_PLACE}/one`) }));
    return { open: path("app") };
  },
  "${…} by env of a project's settings": ({ path, write, origin }) => {
    write(path("app/.claude/settings.json"), { env: { LY_PLACE: "project" } });
    write(path("app/.claude/settings.local.json"), { env: { LY_LOCAL: "local" } });
    write(
      path("app/.mcp.json"),
      servers({
        one: heard(`${origin}/\${LY_PLACE:-none}/one`),
        two: heard(`${origin}/\${LY_LOCAL:-none}/two`),
      }),
    );
    return { open: path("app") };
  },
  "${…} that nothing says": ({ path, write, origin }) => {
    write(path("app/.mcp.json"), servers({ one: heard(`${origin}/\${LY_NOWHERE}/one`) }));
    return { open: path("app"), argued: { one: variableUnset } };
  },
  "a link to a file outside": ({ path, write, link }) => {
    write(path("shared/servers.json"), servers({ one: entry("shared") }));
    link(path("app/.mcp.json"), path("shared/servers.json"));
    return { open: path("app") };
  },
  "a folder that is a link": ({ path, write, link, git }) => {
    git(path("repo"), "init");
    write(path("repo/.mcp.json"), servers({ root: entry("root") }));
    write(path("repo/apps/a/.mcp.json"), servers({ a: entry("a") }));
    write(path("home/.claude.json"), local({ [path("repo")]: { kept: entry("kept") } }));
    link(path("here"), path("repo/apps/a"));
    return { open: path("here") };
  },
  "UTF-16 with a mark": ({ path, write }) => {
    write(path("app/.mcp.json"), utf16(servers({ one: entry("wide") }), "\ufeff"));
    return { open: path("app") };
  },
  "UTF-16 without a mark": ({ path, write, folder }) => {
    write(path("app/.mcp.json"), utf16(servers({ one: entry("wide") }), ""));
    return { open: folder(path("app")) };
  },
  "UTF-8 with a mark": ({ path, write }) => {
    write(path("app/.mcp.json"), `\ufeff${JSON.stringify(servers({ one: entry("marked") }))}`);
    return { open: path("app") };
  },
  "add-json drops userAuth": ({ path, folder }) => ({
    open: folder(path("app")),
    before: ["mcp", "add-json", "added", JSON.stringify(entry("added")), "-s", "user"],
    argued: { added: dropped },
  }),
  "a .mcp.json that is no JSON hides nothing": ({ path, write }) => {
    write(path("work/.mcp.json"), servers({ one: entry("work") }));
    write(path("work/app/.mcp.json"), '{ "mcpServers": { "one": ');
    return { open: path("work/app") };
  },
  "comments and a comma at the end": ({ path, write }) => {
    write(
      path("app/.mcp.json"),
      `// ours\n${JSON.stringify(servers({ one: entry("commented") })).replace(/}$/, ",}")}`,
    );
    return { open: path("app") };
  },
  ...oddLayouts,
};
