import * as z from "zod";
import { joined, type Dialect, type Said } from "./dialect.ts";

const piece = z.looseObject({ text: z.string().optional() });
const content = z.union([z.string(), z.array(piece), z.null()]).optional();
const asked = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});

const textOf = (said: z.infer<typeof content>): string =>
  typeof said === "string" ? said : joined((said ?? []).map(({ text }) => text));

const messageOf = (said: Said): object =>
  said.kind === "text"
    ? { role: "assistant", content: said.text }
    : {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            ...{ index: 0, id: said.id, type: "function" },
            function: { name: said.tool.name, arguments: JSON.stringify(said.input) },
          },
        ],
      };

const stopOf = ({ kind }: Said): string => (kind === "call" ? "tool_calls" : "stop");
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

/** OpenAI's Chat Completions API. */
export const completions: Dialect = {
  answers: (path) => path.endsWith("/chat/completions"),
  read: (body) => {
    const { model, stream = false, messages, tools = [] } = asked.parse(body);
    const last = messages.at(-1);
    return {
      said: textOf(messages.findLast(({ role }) => role === "user")?.content),
      toolResult: last?.role === "tool" ? textOf(last.content) : undefined,
      tools: tools.map(({ function: { name } }) => ({ name })),
      model,
      isStreamed: stream,
    };
  },
  whole: (said, { model }, id) => ({
    ...{ id, object: "chat.completion", created: 0, model, usage },
    choices: [{ index: 0, message: messageOf(said), finish_reason: stopOf(said) }],
  }),
  events: (said, { model }, id) => {
    const chunk = { id, object: "chat.completion.chunk", created: 0, model };
    return [
      { data: { ...chunk, choices: [{ index: 0, delta: messageOf(said), finish_reason: null }] } },
      { data: { ...chunk, usage, choices: [{ index: 0, delta: {}, finish_reason: stopOf(said) }] } },
    ];
  },
};
