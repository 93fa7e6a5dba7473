import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import * as z from "zod";

/**
 * Stands in for the model's API on this machine: it calls the tool that a person's message names, as `call TOOL JSON`,
 * and says what the tool said.
 */
export interface Model extends AsyncDisposable {
  readonly url: string;
  /** What tools answered, as the model reads it, in order. */
  readonly toolResults: readonly string[];
}

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.unknown().optional(),
});
const messagesSchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
});
type Asked = z.infer<typeof messagesSchema>;
type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown };

export const startModel = async (): Promise<Model> => {
  const toolResults: string[] = [];
  let calls = 0;
  let messages = 0;
  const think = (asked: Asked): Block => {
    const blocks = lastBlocks(asked);
    const result = blocks.find(({ type }) => type === "tool_result");
    if (result !== undefined) {
      const text = textOf(result.content);
      toolResults.push(text);
      return { type: "text", text: `The tool said: ${text}` };
    }
    const said = blocks.map(({ text = "" }) => text).join("\n");
    const [, name = "", input = "{}"] = /\bcall (\S+) (\{.*\})/.exec(said) ?? [];
    if (name === "" || asked.tools === undefined || asked.tools.length === 0) {
      return { type: "text", text: "Yes." };
    }
    calls += 1;
    return { type: "tool_use", id: `toolu_${calls}`, name, input: JSON.parse(input) as unknown };
  };
  const server = createServer((request, response) => {
    messages += 1;
    answer(request, response, think, `msg_${messages}`).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    toolResults,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const lastBlocks = ({ messages }: Asked): readonly z.infer<typeof block>[] => {
  const { content = "" } = messages.findLast(({ role }) => role === "user") ?? {};
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
};

const textOf = (content: unknown): string => {
  const parsed = z.union([z.string(), z.array(block)]).safeParse(content);
  if (!parsed.success) return "";
  return typeof parsed.data === "string" ? parsed.data : parsed.data.map(({ text = "" }) => text).join("\n");
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  think: (asked: Asked) => Block,
  id: string,
): Promise<void> => {
  if (request.method !== "POST" || request.url?.startsWith("/v1/messages?") !== true) {
    request.resume();
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
    return;
  }
  const asked = messagesSchema.parse(await json(request));
  const said = think(asked);
  const stop = said.type === "tool_use" ? "tool_use" : "end_turn";
  const message = {
    ...{ id, type: "message", role: "assistant", model: asked.model, stop_sequence: null },
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  if (asked.stream !== true) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...message, content: [said], stop_reason: stop }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (event: { readonly type: string }): void =>
    void response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  for (const event of streamOf(message, said, stop)) send(event);
  response.end();
};

const streamOf = (message: object, said: Block, stop: string): readonly { readonly type: string }[] => {
  const [empty, delta] =
    said.type === "text"
      ? [
          { type: "text", text: "" },
          { type: "text_delta", text: said.text },
        ]
      : [
          { ...said, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(said.input) },
        ];
  return [
    { type: "message_start", message: { ...message, content: [], stop_reason: null } } as { type: string },
    { type: "content_block_start", index: 0, content_block: empty } as { type: string },
    { type: "content_block_delta", index: 0, delta } as { type: string },
    { type: "content_block_stop", index: 0 } as { type: string },
    {
      type: "message_delta",
      delta: { stop_reason: stop, stop_sequence: null },
      usage: { output_tokens: 1 },
    } as {
      type: string;
    },
    { type: "message_stop" },
  ];
};
