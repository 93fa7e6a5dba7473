import { join } from "node:path";
import {
  entry,
  heard,
  local,
  managedOnly,
  relative,
  servers,
  spaced,
  stopped,
  twice,
  withWorktree,
  wrong,
  type Layout,
} from "./layoutParts.ts";

/** A folder of a repository that has a `.git` file of its own. */
const withGitFile =
  (content: string): Layout =>
  ({ path, write, git }) => {
    git(path("repo"), "init");
    write(path("repo/apps/.git"), content);
    write(
      path("home/.claude.json"),
      local({ [path("repo")]: { root: entry("root") }, [path("repo/apps")]: { apps: entry("apps") } }),
    );
    return { open: path("repo/apps") };
  };

/** Repositories of other shapes, variables of other spellings, and files that are hardly any. */
export const oddLayouts: Readonly<Record<string, Layout>> = {
  "a worktree of a bare repository": ({ path, write, git, folder }) => {
    git(path("seed"), "init");
    git(path("seed"), "commit", "--allow-empty", "-m", "first");
    git(path(), "clone", "--bare", path("seed"), path("bare.git"));
    git(path("bare.git"), "worktree", "add", path("tree"));
    write(
      path("home/.claude.json"),
      local({ [path("bare.git")]: { bare: entry("bare") }, [path("tree")]: { tree: entry("tree") } }),
    );
    return { open: folder(path("tree")) };
  },
  "a worktree beside its .bare folder": ({ path, write, git }) => {
    git(path("seed"), "init");
    git(path("seed"), "commit", "--allow-empty", "-m", "first");
    git(path(), "clone", "--bare", path("seed"), path("repo/.bare"));
    write(path("repo/.git"), "gitdir: ./.bare\n");
    git(path("repo"), "worktree", "add", path("repo/tree"));
    write(path("repo/.mcp.json"), servers({ around: entry("around") }));
    write(
      path("home/.claude.json"),
      local({
        [path("repo")]: { top: entry("top") },
        [path("repo/.bare")]: { bare: entry("bare") },
        [path("repo/tree")]: { tree: entry("tree") },
      }),
    );
    return { open: path("repo/tree") };
  },
  "a worktree of a submodule": ({ path, write, git }) => {
    git(path("lib"), "init");
    git(path("lib"), "commit", "--allow-empty", "-m", "first");
    git(path("repo"), "init");
    git(path("repo"), "-c", "protocol.file.allow=always", "submodule", "add", path("lib"), "lib");
    git(path("repo/lib"), "worktree", "add", path("tree"));
    write(
      path("home/.claude.json"),
      local({
        [path("repo")]: { outer: entry("outer") },
        [path("repo/lib")]: { inner: entry("inner") },
        [path("tree")]: { tree: entry("tree") },
        [path("repo/.git/modules/lib")]: { modules: entry("modules") },
        [path("repo/.git/modules")]: { above: entry("above") },
      }),
    );
    return { open: path("tree") };
  },
  "a worktree below another worktree": (machine) => {
    const { main, tree } = withWorktree(machine, "tree");
    const inner = machine.path("tree/inner");
    machine.git(tree, "worktree", "add", "-b", "third", inner);
    machine.write(
      machine.path("home/.claude.json"),
      local({ [main]: { kept: entry("main") }, [tree]: { passed: entry("tree") } }),
    );
    machine.write(join(tree, ".mcp.json"), servers({ around: entry("around") }));
    return { open: inner };
  },
  "a .git file that leads nowhere": withGitFile("gitdir: /nowhere/at/all\n"),
  "a .git file with nothing in it": withGitFile(""),
  "a .git that is a link": ({ path, write, git, link, folder }) => {
    git(path("store"), "init");
    folder(path("repo"));
    link(path("repo/.git"), path("store/.git"));
    write(
      path("home/.claude.json"),
      local({ [path("repo")]: { here: entry("here") }, [path("store")]: { store: entry("store") } }),
    );
    return { open: folder(path("repo/apps")) };
  },
  "a separate git folder": ({ path, write, git }) => {
    git(path("repo"), "init", "--separate-git-dir", path("store.git"));
    write(
      path("home/.claude.json"),
      local({ [path("repo")]: { here: entry("here") }, [path("store.git")]: { store: entry("store") } }),
    );
    return { open: path("repo") };
  },
  "CLAUDE_CONFIG_DIR with a slash at its end": ({ path, write, folder }) => {
    write(path("elsewhere/.claude.json"), servers({ mine: entry("elsewhere") }));
    return { open: folder(path("app")), env: { CLAUDE_CONFIG_DIR: `${path("elsewhere")}/` } };
  },
  "CLAUDE_CONFIG_DIR relative": ({ path, write, folder }) => {
    write(path("app/elsewhere/.claude.json"), servers({ mine: entry("elsewhere") }));
    write(path("home/elsewhere/.claude.json"), servers({ home: entry("home") }));
    return { open: folder(path("app")), env: { CLAUDE_CONFIG_DIR: "elsewhere" }, argued: { mine: relative } };
  },
  "CLAUDE_CONFIG_DIR that is not there": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ home: entry("home") }));
    return { open: folder(path("app")), env: { CLAUDE_CONFIG_DIR: path("nowhere") } };
  },
  "a .mcp.json with nothing in it": ({ path, write }) => {
    write(path("work/.mcp.json"), servers({ one: entry("work") }));
    write(path("work/app/.mcp.json"), "");
    return { open: path("work/app") };
  },
  "a folder named .mcp.json": ({ path, write, folder }) => {
    write(path("work/.mcp.json"), servers({ one: entry("work") }));
    folder(path("work/app/.mcp.json"));
    return { open: path("work/app") };
  },
  "a .mcp.json that leads nowhere": ({ path, write, link }) => {
    write(path("work/.mcp.json"), servers({ one: entry("work") }));
    link(path("work/app/.mcp.json"), path("nowhere.json"));
    return { open: path("work/app") };
  },
  "a name twice in one file": ({ path, write }) => {
    write(
      path("app/.mcp.json"),
      `{"mcpServers":{"one":${JSON.stringify(entry("first"))},"one":${JSON.stringify(entry("second"))}}}`,
    );
    return { open: path("app"), argued: { one: twice } };
  },
  "UTF-8 with a mark in the person's file": ({ path, write, folder }) => {
    write(path("home/.claude.json"), `\ufeff${JSON.stringify(servers({ mine: entry("marked") }))}`);
    return { open: folder(path("app")) };
  },
  "comments in the person's file": ({ path, write, folder }) => {
    write(path("home/.claude.json"), `// mine\n${JSON.stringify(servers({ mine: entry("commented") }))}`);
    return { open: folder(path("app")) };
  },
  ".config.json with nothing in it": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ mine: entry("newer") }));
    write(path("home/.claude/.config.json"), "");
    return { open: folder(path("app")) };
  },
  "the home folder itself": ({ path, write }) => {
    write(path("home/.claude.json"), {
      ...servers({ mine: entry("user") }),
      ...local({ [path("home")]: { here: entry("here") } }),
    });
    write(path("home/.mcp.json"), servers({ own: entry("home") }));
    return { open: path("home") };
  },
  "the administrator's settings in parts": ({ path, write, managed, origin }) => {
    write(join(managed, "managed-settings.json"), { env: { LY_ONE: "whole", LY_TWO: "whole" } });
    write(join(managed, "managed-settings.d/10-more.json"), { env: { LY_TWO: "part", LY_THREE: "part" } });
    write(path("home/.claude/settings.json"), { enableAllProjectMcpServers: true });
    write(
      path("app/.mcp.json"),
      servers({
        one: heard(`${origin}/\${LY_ONE:-none}/one`),
        two: heard(`${origin}/\${LY_TWO:-none}/two`),
        three: heard(`${origin}/\${LY_THREE:-none}/three`),
      }),
    );
    return { open: path("app") };
  },
  "the administrator's file with nothing in it": ({ path, write, managed }) => {
    write(join(managed, "managed-mcp.json"), "");
    write(path("app/.mcp.json"), servers({ own: entry("app") }));
    return {
      ...{ open: path("app"), argued: { own: managedOnly } },
      // Then it counted as none.
      older: { before: "2.1.280", argued: {} },
    };
  },
  "the administrator's file without servers": ({ path, write, managed }) => {
    write(join(managed, "managed-mcp.json"), servers({}));
    write(path("app/.mcp.json"), servers({ own: entry("app") }));
    return { open: path("app"), argued: { own: managedOnly } };
  },
  ".config.json that is a folder": ({ path, write, folder }) => {
    write(path("home/.claude.json"), servers({ mine: entry("newer") }));
    folder(path("home/.claude/.config.json"));
    return { open: folder(path("app")), older: { before: "2.1.332", argued: { mine: stopped } } };
  },
  "local scope, its key with a slash at the end": ({ path, write, folder }) => {
    write(path("home/.claude.json"), local({ [`${path("app")}/`]: { here: entry("here") } }));
    return { open: folder(path("app")) };
  },
  "variables that are no text": ({ path, write, origin, folder }) => {
    write(path("home/.claude/settings.json"), {
      env: { LY_NULL: null, LY_LIST: [1], LY_OBJECT: {}, LY_NONE: "" },
    });
    const named = ["NULL", "LIST", "OBJECT", "NONE"].map((name) => {
      return [name.toLowerCase(), heard(`${origin}/x\${LY_${name}:-none}/${name.toLowerCase()}`)] as const;
    });
    write(path("home/.claude.json"), servers(Object.fromEntries(named)));
    return { open: folder(path("app")), env: { LY_NONE: "shell" }, argued: { object: spaced } };
  },
  "entries that are no servers": ({ path, write }) => {
    const url = "http://127.0.0.1:9/other";
    const strange = {
      ...{ a: { type: "http", url: 7 }, b: {}, c: null, d: "x", e: { command: 7 }, f: { url } },
      ...{ g: { type: "strange", url }, h: { type: "http", url, headers: { x: 7 } } },
      ...{ i: { type: "stdio", command: "/bin/false" }, j: { type: "http", url: "no URL" } },
    };
    const good = Object.keys(strange).map((name) => [name, entry(`work-${name}`)] as const);
    write(path("work/.mcp.json"), servers(Object.fromEntries(good)));
    write(path("work/app/.mcp.json"), { mcpServers: strange });
    return { open: path("work/app") };
  },
  "a wrong entry of ours around which is a good one": ({ path, write }) => {
    write(path("work/.mcp.json"), servers({ one: entry("work"), two: entry("two") }));
    write(path("work/app/.mcp.json"), servers({ one: { ...entry("app"), url: 7 } }));
    return { open: path("work/app"), argued: { one: wrong } };
  },
};
