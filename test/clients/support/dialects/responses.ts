import * as z from "zod";
import { joined, type Dialect, type Said, type Tool } from "./dialect.ts";

const piece = z.looseObject({ text: z.string().optional() });
const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(piece)]).optional(),
  output: z.unknown().optional(),
});
const tool = z.looseObject({ type: z.string(), name: z.string().optional() });
const asked = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  input: z.union([z.string(), z.array(item)]),
  tools: z.array(tool.extend({ tools: z.array(tool).optional() })).optional(),
});

const textOf = (content: z.infer<typeof item>["content"]): string =>
  typeof content === "string" ? content : joined((content ?? []).map(({ text }) => text));

/** A tool's output is a text, or pieces of one. */
const outputOf = (output: unknown): string => {
  const parsed = z.union([z.string(), z.array(piece)]).safeParse(output);
  return parsed.success ? textOf(parsed.data) : JSON.stringify(output);
};

const toolsOf = (all: z.infer<typeof asked>["tools"] = []): readonly Tool[] =>
  all.flatMap(({ name = "", tools }) =>
    tools === undefined
      ? [{ name }]
      : tools.map(({ name: inner = "" }) => ({ name: inner, namespace: name })),
  );

const itemOf = (said: Said, id: string): object =>
  said.kind === "text"
    ? {
        ...{ type: "message", id, role: "assistant", status: "completed" },
        content: [{ type: "output_text", text: said.text, annotations: [] }],
      }
    : {
        ...{ type: "function_call", id, call_id: said.id, name: said.tool.name, status: "completed" },
        ...(said.tool.namespace === undefined ? {} : { namespace: said.tool.namespace }),
        arguments: JSON.stringify(said.input),
      };

const frame = (said: Said, model: string, id: string): object => ({
  ...{ id, object: "response", model, status: "completed", output: [itemOf(said, `item_${id}`)] },
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
});

/** OpenAI's Responses API. */
export const responses: Dialect = {
  answers: (path) => path.endsWith("/responses"),
  read: (body) => {
    const { model, stream = false, input, tools } = asked.parse(body);
    const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
    const last = items.at(-1);
    return {
      said: textOf(items.findLast(({ role }) => role === "user")?.content),
      toolResult: last?.type === "function_call_output" ? outputOf(last.output) : undefined,
      tools: toolsOf(tools),
      model,
      isStreamed: stream,
    };
  },
  whole: (said, { model }, id) => frame(said, model, id),
  events: (said, { model }, id) => [
    { type: "response.created", data: { type: "response.created", response: { id, model, output: [] } } },
    {
      type: "response.output_item.done",
      data: { type: "response.output_item.done", output_index: 0, item: itemOf(said, `item_${id}`) },
    },
    { type: "response.completed", data: { type: "response.completed", response: frame(said, model, id) } },
  ],
};
