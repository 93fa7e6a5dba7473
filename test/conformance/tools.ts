/** What the suite wants a server to have, by the names that it calls it by. */
import { createHmac, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { fields, names, RpcError, type Params } from "../../demo/mcp/wire.ts";

/** What a tool can do besides answering. */
export interface Asking {
  readonly isModern: boolean;
  readonly params: Params;
  readonly capabilities: Readonly<Record<string, unknown>>;
  say(method: string, params: object): void;
  /** Asks the client; up to 2025-11-25. */
  ask(method: string, params: object): Promise<unknown>;
}

type Tool = (asking: Asking) => unknown;

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const sound = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

const text = (said: string): object => ({ content: [{ type: "text", text: said }] });
const image = { type: "image", data: pixel, mimeType: "image/png" };
const form = (
  message: string,
  properties: object,
  required: readonly string[] = Object.keys(properties),
) => ({
  method: "elicitation/create",
  params: { mode: "form", message, requestedSchema: { type: "object", properties, required } },
});
const string = { type: "string" };
const sampling = (said: string, maxTokens: number): object => ({
  method: "sampling/createMessage",
  params: { messages: [{ role: "user", content: { type: "text", text: said } }], maxTokens },
});
const roots = { method: "roots/list", params: {} };

/** MCP 2026-07-28, "Multi Round-Trip Requests". */
const need = (inputRequests: object, requestState?: string): object => ({
  ...{ resultType: "input_required", inputRequests },
  ...(requestState === undefined ? {} : { requestState }),
});

const secret = randomBytes(32);
const sealed = (state: string): string =>
  `${state}.${createHmac("sha256", secret).update(state).digest("base64url")}`;
const opened = ({ params }: Asking): string => {
  const { requestState = "" } = params;
  const [state = ""] = String(requestState).split(".");
  if (sealed(state) !== requestState) throw new RpcError(-32602, "The state is not this server's");
  return state;
};
const given = ({ params }: Asking, key: string): Readonly<Record<string, unknown>> | undefined => {
  const value = fields(params["inputResponses"])[key];
  return typeof value === "object" && value !== null ? fields(value) : undefined;
};

type Answer = Readonly<Record<string, unknown>>;

/** Asks the client as its era has it, and says what it answered. */
const asked = async (asking: Asking, request: object, say: (answer: Answer) => string): Promise<object> => {
  const { method, params } = fields(request);
  if (!asking.isModern) return text(say(fields(await asking.ask(String(method), fields(params)))));
  const answer = given(asking, "asked");
  return answer === undefined ? need({ asked: request }) : text(say(answer));
};

const askedForm = (asking: Asking, message: string, properties: object, prefix: string): Promise<object> =>
  asked(
    asking,
    form(message, properties, []),
    ({ action, content }) => `${prefix}action=${String(action)}, content=${JSON.stringify(content ?? {})}`,
  );

const oneNeed =
  (key: string, request: object, say: (answer: Readonly<Record<string, unknown>>) => string): Tool =>
  (asking) => {
    const answer = given(asking, key);
    return answer === undefined ? need({ [key]: request }) : text(say(answer));
  };

const words = (value: unknown): string => (typeof value === "string" ? value : "");

const contentOf = (answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  fields(answer["content"]);
const whatIsYourName = form("What is your name?", { name: string });
const options = ["option1", "option2", "option3"];
const titled = ["First", "Second", "Third"].map((title, index) => ({ const: `value${index + 1}`, title }));

export const tools: Readonly<Record<string, Tool>> = {
  test_simple_text: () => text("This is a simple text response for testing."),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: "audio", data: sound, mimeType: "audio/wav" }] }),
  test_embedded_resource: () => ({
    content: [
      {
        type: "resource",
        resource: {
          ...{ uri: "test://embedded-resource", mimeType: "text/plain" },
          text: "This is an embedded resource content.",
        },
      },
    ],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      image,
      {
        type: "resource",
        resource: {
          ...{ uri: "test://mixed-content-resource", mimeType: "application/json" },
          text: JSON.stringify({ test: "data", value: 123 }),
        },
      },
    ],
  }),
  test_tool_with_logging: async (asking) => {
    for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      asking.say("notifications/message", { level: "info", data });
      await delay(50);
    }
    return text("Logged");
  },
  test_error_handling: () => ({
    ...text("This tool intentionally returns an error for testing"),
    isError: true,
  }),
  test_tool_with_progress: async (asking) => {
    const { progressToken } = fields(asking.params._meta);
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        asking.say("notifications/progress", { progressToken, progress, total: 100 });
      await delay(50);
    }
    return text("Done");
  },
  test_reconnection: async () => {
    await delay(300);
    return text("Reconnected");
  },
  test_sampling: (asking) =>
    asked(
      asking,
      sampling(words(asking.params.arguments?.["prompt"]), 100),
      (answer) => `LLM response: ${words(contentOf(answer)["text"])}`,
    ),
  test_streaming_elicitation: (asking) => {
    asking.say("notifications/message", { level: "info", data: "before" });
    return asked(asking, whatIsYourName, (answer) => String(contentOf(answer)["name"]));
  },
  test_elicitation: (asking) =>
    askedForm(
      asking,
      words(asking.params.arguments?.["message"]),
      { username: string, email: string },
      "User response: ",
    ),
  test_elicitation_sep1034_defaults: (asking) =>
    askedForm(
      asking,
      "Please look at the defaults",
      {
        name: { type: "string", default: "John Doe" },
        age: { type: "integer", default: 30 },
        score: { type: "number", default: 95.5 },
        status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
        verified: { type: "boolean", default: true },
      },
      "Elicitation completed: ",
    ),
  test_elicitation_sep1330_enums: (asking) =>
    askedForm(
      asking,
      "Please choose",
      {
        untitledSingle: { type: "string", enum: options },
        titledSingle: { type: "string", oneOf: titled },
        legacyEnum: {
          ...{ type: "string", enum: ["opt1", "opt2", "opt3"] },
          enumNames: ["Option One", "Option Two", "Option Three"],
        },
        untitledMulti: { type: "array", items: { type: "string", enum: options } },
        titledMulti: { type: "array", items: { anyOf: titled } },
      },
      "Elicitation completed: ",
    ),
  json_schema_2020_12_tool: () => text("Fine"),
  test_missing_capability: (asking) => {
    if (!("sampling" in asking.capabilities))
      throw new RpcError(-32021, "The client cannot sample", { requiredCapabilities: { sampling: {} } });
    return text("It can");
  },
  test_custom_headers: (asking) => text(`region ${String(asking.params.arguments?.["region"])}`),
  test_input_required_result_elicitation: oneNeed(
    "user_name",
    whatIsYourName,
    (answer) => `Hello, ${String(contentOf(answer)["name"])}!`,
  ),
  test_input_required_result_sampling: oneNeed(
    "capital_question",
    sampling("What is the capital of France?", 100),
    (answer) => String(contentOf(answer)["text"]),
  ),
  test_input_required_result_list_roots: oneNeed("client_roots", roots, (answer) =>
    JSON.stringify(answer["roots"]),
  ),
  test_input_required_result_request_state: (asking) => {
    const request = form("Please confirm", { ok: { type: "boolean" } });
    if (given(asking, "confirm") === undefined) return need({ confirm: request }, sealed("confirm"));
    return text(`${opened(asking)}: state-ok`);
  },
  test_input_required_result_tampered_state: (asking) => {
    const request = form("Please confirm", { ok: { type: "boolean" } });
    if (asking.params["requestState"] === undefined) return need({ confirm: request }, sealed("tampered"));
    return text(`${opened(asking)}: state-ok`);
  },
  test_input_required_result_multiple_inputs: (asking) => {
    const wanted = {
      user_name: whatIsYourName,
      greeting: sampling("Generate a greeting", 50),
      client_roots: roots,
    };
    const isWhole = Object.keys(wanted).every((key) => given(asking, key) !== undefined);
    if (!isWhole) return need(wanted, sealed("multiple"));
    return text(`${opened(asking)}: ${JSON.stringify(asking.params["inputResponses"])}`);
  },
  test_input_required_result_multi_round: (asking) => {
    const first = need({ step1: form("Step 1: What is your name?", { name: string }) }, sealed("round1"));
    const second = need(
      { step2: form("Step 2: What is your favorite color?", { color: string }) },
      sealed("round2"),
    );
    if (asking.params["requestState"] === undefined) return first;
    if (opened(asking) === "round1") return given(asking, "step1") === undefined ? first : second;
    return given(asking, "step2") === undefined ? second : text("All rounds done");
  },
  test_input_required_result_capabilities: (asking) => {
    const wanted = {
      ...("elicitation" in asking.capabilities ? { user_name: whatIsYourName } : {}),
      ...("sampling" in asking.capabilities ? { greeting: sampling("Generate a greeting", 50) } : {}),
    };
    const missing = Object.entries(wanted).filter(([key]) => given(asking, key) === undefined);
    return missing.length === 0 ? text("Nothing is missing") : need(Object.fromEntries(missing));
  },
  test_trigger_tool_change: () => text("Changed"),
  test_trigger_prompt_change: () => text("Changed"),
  test_logging_tool: (asking) => {
    asking.say("notifications/message", { level: "info", data: "logged" });
    return text("Logged");
  },
  /** For the tests of the bridge itself. */
  wait: async (asking) => {
    await delay(Number(asking.params.arguments?.["ms"] ?? 0));
    return text("waited");
  },
  echo: (asking) => text(words(asking.params.arguments?.["text"])),
};

const needsPrompt = oneNeed(
  "user_context",
  form("What context should the prompt use?", { context: string }),
  (answer) => String(contentOf(answer)["context"]),
);

const user = (content: object): object => ({ role: "user", content });

export const prompts: Readonly<Record<string, Tool>> = {
  test_simple_prompt: () => ({
    messages: [user({ type: "text", text: "This is a simple prompt for testing." })],
  }),
  test_prompt_with_arguments: ({ params }) => {
    const { arg1, arg2 } = params.arguments ?? {};
    const said = `Prompt with arguments: arg1='${String(arg1)}', arg2='${String(arg2)}'`;
    return { messages: [user({ type: "text", text: said })] };
  },
  test_prompt_with_embedded_resource: ({ params }) => ({
    messages: [
      user({
        type: "resource",
        resource: {
          ...{ uri: params.arguments?.["resourceUri"], mimeType: "text/plain" },
          text: "Embedded resource content for testing.",
        },
      }),
      user({ type: "text", text: "Please process the embedded resource above." }),
    ],
  }),
  test_prompt_with_image: () => ({
    messages: [user(image), user({ type: "text", text: "Please analyze the image above." })],
  }),
  test_input_required_result_prompt: async (asking) => {
    const answer = fields(await needsPrompt(asking));
    const [content] = Array.isArray(answer["content"]) ? (answer["content"] as readonly object[]) : [];
    return content === undefined ? answer : { messages: [user(content)] };
  },
};

export const readResource = (uri: string): object => {
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? [];
  const found: Readonly<Record<string, object>> = {
    "test://static-text": {
      ...{ mimeType: "text/plain", text: "This is the content of the static text resource." },
    },
    "test://static-binary": { mimeType: "image/png", blob: pixel },
    "test://watched-resource": { mimeType: "text/plain", text: "Watched." },
  };
  const data = { id, templateTest: true, data: `Data for ID: ${id ?? ""}` };
  const content =
    id === undefined ? found[uri] : { mimeType: "application/json", text: JSON.stringify(data) };
  if (content === undefined) throw new RpcError(-32602, "Resource not found", { uri });
  return { contents: [{ uri, ...content }] };
};

export const capabilitiesIn = (params: Params): Readonly<Record<string, unknown>> =>
  fields(fields(params._meta)[names.capabilities]);
