import * as z from "zod";
import { joined, type Dialect, type Said } from "./dialect.ts";

const part = z.looseObject({
  text: z.string().optional(),
  functionResponse: z.looseObject({ name: z.string(), response: z.unknown() }).optional(),
});
const asked = z.looseObject({
  contents: z.array(z.looseObject({ role: z.string().optional(), parts: z.array(part) })),
  tools: z
    .array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional() }))
    .optional(),
});

const partOf = (said: Said): object =>
  said.kind === "text"
    ? { text: said.text }
    : { functionCall: { id: said.id, name: said.tool.name, args: said.input } };

const whole: Dialect["whole"] = (said, { model }, id) => ({
  candidates: [{ index: 0, content: { role: "model", parts: [partOf(said)] }, finishReason: "STOP" }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  modelVersion: model,
  responseId: id,
});

/** Google's Gemini API. */
export const gemini: Dialect = {
  answers: (path) => /:(?:stream)?[gG]enerateContent$/.test(path),
  read: (body, path) => {
    const { contents, tools = [] } = asked.parse(body);
    const { parts = [] } = contents.at(-1) ?? {};
    const answered = parts.find(({ functionResponse }) => functionResponse !== undefined)?.functionResponse;
    return {
      said: joined(parts.map(({ text }) => text)),
      toolResult: answered === undefined ? undefined : textOf(answered.response),
      tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations),
      model: /models\/([^:]+):/.exec(path)?.[1] ?? "",
      isStreamed: path.endsWith(":streamGenerateContent"),
    };
  },
  whole,
  events: (said, request, id) => [{ data: whole(said, request, id) }],
};

const textOf = (response: unknown): string => {
  const said = z.looseObject({ output: z.string().optional(), error: z.string().optional() });
  const { output, error } = said.safeParse(response).data ?? {};
  return output ?? error ?? JSON.stringify(response);
};
