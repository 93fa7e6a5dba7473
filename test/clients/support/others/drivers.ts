import { join } from "node:path";
import type { OtherName } from "../../../../scripts/clients/otherClients.ts";
import type { Driver, Place } from "./driver.ts";

const key = "nobody";
const model = "stand-in";

const noDialog = "has no dialog for a page: it declares no URL elicitation, so the text says where to go on";

/** As in the team's own file, which some of them read. */
const mcpServers = ({ server, entry }: Place): object => ({ mcpServers: { [server]: entry } });

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
  files: ({ home, modelUrl, server, entry }) => ({
    [join(home, ".codex/config.toml")]: [
      `model = "${model}"`,
      'model_provider = "loopback"',
      "check_for_update_on_startup = false",
      "[analytics]",
      "enabled = false",
      "[model_providers.loopback]",
      'name = "loopback"',
      `base_url = "${modelUrl}/v1"`,
      'wire_api = "responses"',
      'env_key = "LOOPBACK_KEY"',
      `[mcp_servers.${server}]`,
      `command = ${JSON.stringify(entry.command)}`,
      `args = ${JSON.stringify(entry.args)}`,
      "",
    ].join("\n"),
  }),
  env: () => ({ LOOPBACK_KEY: key }),
  once: (message) => [
    ...["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
    message,
  ],
};

const opencode: Driver = {
  files: ({ project, modelUrl, server, entry }) => ({
    [join(project, "opencode.json")]: {
      model: `anthropic/${model}`,
      small_model: `anthropic/${model}`,
      autoupdate: false,
      share: "disabled",
      provider: {
        anthropic: {
          options: { baseURL: `${modelUrl}/v1`, apiKey: key },
          models: { [model]: { name: model, tool_call: true } },
        },
      },
      mcp: { [server]: { type: "local", command: [entry.command, ...entry.args], enabled: true } },
    },
  }),
  env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: "true", OPENCODE_DISABLE_AUTOUPDATE: "true" }),
  once: (message) => ["run", "--pure", message],
  cannot: { "approved in its own dialog": noDialog },
};

const gemini: Driver = {
  isEverywhere: true,
  files: (place) => ({
    [join(place.home, ".gemini/settings.json")]: {
      security: { auth: { selectedType: "gemini-api-key" } },
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      ...mcpServers(place),
    },
  }),
  env: ({ modelUrl }) => ({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: modelUrl }),
  once: (message) => ["--yolo", "--skip-trust", "-m", "gemini-2.5-flash", "-p", message],
  cannot: { "approved in its own dialog": noDialog },
};

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
  files: (place) => ({
    [join(place.home, ".cline/data/settings/cline_mcp_settings.json")]: mcpServers(place),
  }),
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
  files: ({ home, modelUrl, server, entry }) => ({
    [join(home, "continue.yaml")]: {
      name: "loopback",
      version: "1.0.0",
      schema: "v1",
      models: [{ name: model, provider: "anthropic", model, apiKey: key, apiBase: `${modelUrl}/v1/` }],
      mcpServers: [{ name: server, command: entry.command, args: entry.args }],
    },
  }),
  env: () => ({ CONTINUE_TELEMETRY_ENABLED: "0", CONTINUE_ALLOW_ANONYMOUS_TELEMETRY: "0" }),
  once: (message, { home }) => ["--config", join(home, "continue.yaml"), "--auto", "-p", message],
  cannot: { "approved in its own dialog": noDialog },
};

export const drivers: Readonly<Record<OtherName, Driver>> = {
  copilot,
  codex,
  opencode,
  gemini,
  qwen,
  cline,
  continue: continueCli,
};
