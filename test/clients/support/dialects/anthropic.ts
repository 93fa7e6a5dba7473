import * as z from "zod";
import { joined, type Dialect, type Said, type ServerEvent } from "./dialect.ts";

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.unknown().optional(),
});
const asked = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
});

type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown };

const textOf = (content: unknown): string => {
  const parsed = z.union([z.string(), z.array(block)]).safeParse(content);
  if (!parsed.success) return "";
  return typeof parsed.data === "string" ? parsed.data : joined(parsed.data.map(({ text }) => text));
};

const blockOf = (said: Said): Block =>
  said.kind === "text"
    ? { type: "text", text: said.text }
    : { type: "tool_use", id: said.id, name: said.tool.name, input: said.input };

const stopOf = ({ kind }: Said): string => (kind === "call" ? "tool_use" : "end_turn");

const frame = (id: string, model: string): object => ({
  ...{ id, type: "message", role: "assistant", model, stop_sequence: null },
  usage: { input_tokens: 1, output_tokens: 1 },
});

const deltaOf = (said: Block): readonly [empty: object, delta: object] =>
  said.type === "text"
    ? [
        { type: "text", text: "" },
        { type: "text_delta", text: said.text },
      ]
    : [
        { ...said, input: {} },
        { type: "input_json_delta", partial_json: JSON.stringify(said.input) },
      ];

/** Anthropic's Messages API. */
export const anthropic: Dialect = {
  answers: (path) => path.endsWith("/messages"),
  read: (body) => {
    const { model, stream = false, messages, tools = [] } = asked.parse(body);
    const { content = "" } = messages.findLast(({ role }) => role === "user") ?? {};
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
    const result = blocks.find(({ type }) => type === "tool_result");
    return {
      said: joined(blocks.map(({ text }) => text)),
      toolResult: result === undefined ? undefined : textOf(result.content),
      tools,
      model,
      isStreamed: stream,
    };
  },
  whole: (said, { model }, id) => ({
    ...frame(id, model),
    content: [blockOf(said)],
    stop_reason: stopOf(said),
  }),
  events: (said, { model }, id) => {
    const [empty, delta] = deltaOf(blockOf(said));
    const all: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[] = [
      { type: "message_start", message: { ...frame(id, model), content: [], stop_reason: null } },
      { type: "content_block_start", index: 0, content_block: empty },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: stopOf(said), stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: "message_stop" },
    ];
    return all.map((data): ServerEvent => ({ type: data.type, data }));
  },
};
