import { join } from "node:path";
import { applyEdits } from "jsonc-parser";
import { knownClients } from "../../../../src/core/clients/clients.ts";
import type { ClientFormat } from "../../../../src/core/clients/format.ts";
import { offline } from "../claudeFolder.ts";
import type { Driver, Place, StagedName } from "./driver.ts";

const key = "nobody";
const model = "stand-in";

const noDialog = "has no dialog for a page: it declares no URL elicitation, so the text says where to go on";

/** A client's own file with the entry as `lanyard clients add` writes it. */
const added = (format: ClientFormat, file: string | object, { server, entry }: Place): string => {
  const text = typeof file === "string" ? file : JSON.stringify(file, undefined, 2);
  const edited = format.add(text, server, entry);
  if (edited.kind !== "edits") throw new Error(`The entry is ${edited.kind}.`);
  return applyEdits(text, [...edited.edits]);
};

/** It reads the team's own file, in a folder that the person trusts. */
const claudeCode: Driver = {
  files: ({ home, project }) => ({
    [join(home, ".claude/settings.json")]: { enableAllProjectMcpServers: true, theme: "dark" },
    [join(home, ".claude/.claude.json")]: {
      hasCompletedOnboarding: true,
      projects: { [project]: { hasTrustDialogAccepted: true } },
    },
  }),
  env: ({ home, modelUrl }) => ({
    ...offline,
    CLAUDE_CONFIG_DIR: join(home, ".claude"),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_AUTH_TOKEN: key,
  }),
  once: (message, { server }) => ["-p", message, "--allowedTools", `mcp__${server}__echo`],
};

const copilot: Driver = {
  files: () => ({}),
  env: ({ modelUrl, home, client }) => ({
    COPILOT_HOME: join(home, ".copilot"),
    XDG_CACHE_HOME: client.cache,
    COPILOT_OFFLINE: "true",
    COPILOT_AUTO_UPDATE: "false",
    COPILOT_PROVIDER_TYPE: "anthropic",
    COPILOT_PROVIDER_BASE_URL: modelUrl,
    COPILOT_PROVIDER_API_KEY: key,
    COPILOT_MODEL: model,
  }),
  once: (message) => ["-p", message, "--allow-all-tools", "--trust-folder", "--disable-client-telemetry"],
};

const codex: Driver = {
  isEverywhere: true,
  files: (place) => {
    const lines = [
      `model = "${model}"`,
      'model_provider = "loopback"',
      "check_for_update_on_startup = false",
      "[analytics]",
      "enabled = false",
      "[model_providers.loopback]",
      'name = "loopback"',
      `base_url = "${place.modelUrl}/v1"`,
      'wire_api = "responses"',
      'env_key = "LOOPBACK_KEY"',
      "",
    ].join("\n");
    return { [join(place.home, ".codex/config.toml")]: added(knownClients.codex.reads.format, lines, place) };
  },
  env: () => ({ LOOPBACK_KEY: key }),
  once: (message) => [
    ...["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
    message,
  ],
};

const opencode: Driver = {
  files: (place) => {
    const file = {
      model: `anthropic/${model}`,
      small_model: `anthropic/${model}`,
      autoupdate: false,
      share: "disabled",
      provider: {
        anthropic: {
          options: { baseURL: `${place.modelUrl}/v1`, apiKey: key },
          models: { [model]: { name: model, tool_call: true } },
        },
      },
    };
    return { [join(place.project, "opencode.json")]: added(knownClients.opencode.reads.format, file, place) };
  },
  env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: "true", OPENCODE_DISABLE_AUTOUPDATE: "true" }),
  once: (message) => ["run", "--pure", message],
  cannot: { "approved in its own dialog": noDialog },
};

const gemini: Driver = {
  isEverywhere: true,
  files: (place) => {
    const file = {
      security: { auth: { selectedType: "gemini-api-key" } },
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    };
    return {
      [join(place.home, ".gemini/settings.json")]: added(knownClients.gemini.reads.format, file, place),
    };
  },
  env: ({ modelUrl }) => ({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: modelUrl }),
  once: (message) => ["--yolo", "--skip-trust", "-m", "gemini-2.5-flash", "-p", message],
  cannot: { "approved in its own dialog": noDialog },
};

/** What it tells a model that speaks as Anthropic's leaves out tools that have no description. */
const qwen: Driver = {
  files: (place) => ({
    [join(place.home, ".qwen/settings.json")]: {
      security: { auth: { selectedType: "anthropic" } },
      general: { enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      model: { name: model },
      // Tools that are offered only once they were searched for are none that a model sees.
      tools: { toolSearch: { enabled: false } },
    },
  }),
  // It reads the team's own file, once that was approved.
  before: ({ server }) => [["mcp", "approve", server]],
  env: ({ modelUrl }) => ({
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_MODEL: model,
  }),
  once: (message) => ["--yolo", message],
  cannot: { "approved in its own dialog": noDialog },
};

const cline: Driver = {
  isEverywhere: true,
  files: (place) => {
    const file = join(place.home, ".cline/data/settings/cline_mcp_settings.json");
    return { [file]: added(knownClients.cline.reads.format, {}, place) };
  },
  before: ({ modelUrl }) => [
    [
      "auth",
      "--provider",
      "openai-compatible",
      "--apikey",
      key,
      "--modelid",
      model,
      "--baseurl",
      `${modelUrl}/v1`,
    ],
  ],
  env: () => ({ CLINE_TELEMETRY_DISABLED: "1", CLINE_NO_AUTO_UPDATE: "1" }),
  once: (message) => ["--provider", "openai-compatible", "--model", model, message],
  cannot: { "approved in its own dialog": noDialog },
};

const continueCli: Driver = {
  isEverywhere: true,
  files: (place) => {
    const lines = [
      ...["name: loopback", "version: 1.0.0", "schema: v1", "models:"],
      ...[`  - name: ${model}`, "    provider: anthropic", `    model: ${model}`],
      ...[`    apiKey: ${key}`, `    apiBase: ${place.modelUrl}/v1/`, ""],
    ].join("\n");
    return { [join(place.home, "continue.yaml")]: added(knownClients.continue.reads.format, lines, place) };
  },
  env: () => ({ CONTINUE_TELEMETRY_ENABLED: "0", CONTINUE_ALLOW_ANONYMOUS_TELEMETRY: "0" }),
  once: (message, { home }) => ["--config", join(home, "continue.yaml"), "--auto", "-p", message],
  cannot: { "approved in its own dialog": noDialog },
};

export const drivers: Readonly<Record<StagedName, Driver>> = {
  "claude-code": claudeCode,
  copilot,
  codex,
  opencode,
  gemini,
  qwen,
  cline,
  continue: continueCli,
};
