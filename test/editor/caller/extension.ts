import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import * as vscode from "vscode";
import { registerModel, vendor } from "./model.ts";
import { callSchema, chatSchema, urlFileVariable, type Called, type ListedTool } from "./protocol.ts";

/** An extension of somebody else's, which uses the editor's own tools: those of its MCP client among them. */
export const activate = async (context: vscode.ExtensionContext): Promise<void> => {
  const read: string[] = [];
  context.subscriptions.push(registerModel(read));
  const server = createServer((request, response) => {
    const handle = handlers(read)[`${request.method} ${request.url}`];
    const asked = request.method === "POST" ? json(request) : Promise.resolve(undefined);
    asked.then(handle).then(
      (reply) => response.end(JSON.stringify(reply)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  context.subscriptions.push({ dispose: () => server.close() });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const file = process.env[urlFileVariable];
  if (file === undefined) throw new Error(`${urlFileVariable} does not say where the address goes.`);
  await writeFile(file, `http://127.0.0.1:${port}`);
};

type Handle = (asked: unknown) => unknown;

const handlers = (read: readonly string[]): Readonly<Record<string, Handle>> => ({
  "GET /tools": listed,
  "POST /call": call,
  "POST /chat": chat,
  "GET /read": () => read,
});

/** As if the person had typed it into the chat. */
const chat = async (asked: unknown): Promise<object> => {
  const { query } = chatSchema.parse(asked);
  await vscode.commands.executeCommand("workbench.action.chat.open", {
    ...{ query, mode: "agent", modelSelector: { vendor } },
  });
  return {};
};

const listed = (): readonly ListedTool[] =>
  vscode.lm.tools.map(({ name, description }) => ({ name, description }));

/** Outside a chat, so the editor asks in a dialog whether the tool may run. */
const call = async (asked: unknown): Promise<Called> => {
  const { name, input } = callSchema.parse(asked);
  const token = new vscode.CancellationTokenSource().token;
  try {
    const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, token);
    const texts = content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ""));
    return { kind: "answered", text: texts.join("\n") };
  } catch (error) {
    return { kind: "failed", text: error instanceof Error ? error.message : String(error) };
  }
};
