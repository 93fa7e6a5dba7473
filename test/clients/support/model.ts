import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { anthropic } from "./dialects/anthropic.ts";
import { completions } from "./dialects/completions.ts";
import type { Asked, Dialect, Said, Tool } from "./dialects/dialect.ts";
import { gemini } from "./dialects/gemini.ts";
import { responses } from "./dialects/responses.ts";

/**
 * Stands in for a model's API on this machine: it calls the tool that a person's message names, as `call TOOL JSON`,
 * and says what the tool said.
 */
export interface Model extends AsyncDisposable {
  readonly url: string;
  /** What tools answered, as the model reads it, in order. */
  readonly toolResults: readonly string[];
  /** Everything that reached the model, in order. */
  readonly read: readonly string[];
  /** The tools that it was offered last. */
  readonly tools: readonly Tool[];
}

export interface ModelOptions {
  /**
   * What to call, where it is not the person's message that says so: once a message holds `begin`, and then whenever a
   * tool has answered. One turn of a session then holds several calls; `undefined` ends it.
   */
  readonly next?: (answered: number) => Promise<string | undefined>;
}

const dialects: readonly Dialect[] = [anthropic, responses, completions, gemini];

export const startModel = async ({ next }: ModelOptions = {}): Promise<Model> => {
  const state: { tools: readonly Tool[] } = { tools: [] };
  const toolResults: string[] = [];
  const read: string[] = [];
  let calls = 0;
  const known = new Map<string, Tool>();
  const callOf = (said: string, { tools }: Asked): Said | undefined => {
    const [, name = "", input = "{}"] = /\bcall (\S+) (\{.*\})/.exec(said) ?? [];
    if (name === "" || tools.length === 0) return undefined;
    // A model goes on calling what it called before, also where it is not offered any more.
    const tool = tools.find((each) => each.name === name) ??
      tools.find((each) => isNamed(each, name)) ??
      known.get(name) ?? { name };
    known.set(name, tool);
    calls += 1;
    return { kind: "call", id: `toolu_${calls}`, tool, input: JSON.parse(input) as unknown };
  };
  const think = async (asked: Asked): Promise<Said> => {
    if (asked.tools.length > 0) state.tools = asked.tools;
    const { toolResult } = asked;
    if (toolResult !== undefined) toolResults.push(toolResult);
    const isScripted = toolResult !== undefined || (/\bbegin\b/.test(asked.said) && asked.tools.length > 0);
    const scripted = isScripted ? await next?.(toolResults.length) : undefined;
    const more = scripted ?? (toolResult === undefined ? asked.said : "");
    const text = toolResult === undefined ? "Yes." : `The tool said: ${toolResult}`;
    return callOf(more, asked) ?? { kind: "text", text };
  };
  let messages = 0;
  const server = createServer((request, response) => {
    messages += 1;
    answer({ request, response, think, read, id: `msg_${messages}` }).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ toolResults, read },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
};

/** Clients put the server's name before a tool's, each in its own way. */
export const isNamed = ({ name }: Tool, wanted: string): boolean =>
  name === wanted || new RegExp(`[^A-Za-z]${wanted}$`).test(name);

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly think: (asked: Asked) => Promise<Said>;
  readonly read: string[];
  readonly id: string;
}

const answer = async ({ request, response, think, read, id }: Exchange): Promise<void> => {
  const path = new URL(request.url ?? "", "http://127.0.0.1").pathname;
  const dialect = dialects.find(({ answers }) => answers(path));
  const body = await text(request);
  if (request.method !== "POST" || dialect === undefined) {
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
    return;
  }
  read.push(body);
  const asked = dialect.read(JSON.parse(body), path);
  const said = await think(asked);
  if (!asked.isStreamed) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(dialect.whole(said, asked, id)));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const { type, data } of dialect.events(said, asked, id))
    response.write(`${type === undefined ? "" : `event: ${type}\n`}data: ${JSON.stringify(data)}\n\n`);
  response.end(dialect === completions ? "data: [DONE]\n\n" : "");
};
