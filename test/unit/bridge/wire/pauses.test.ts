import { PassThrough } from "node:stream";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { finish, hear, keepListening, type Heard } from "../../../../src/bridge/wire/streams.ts";
import { ownMessage } from "../../../../src/bridge/wire/message.ts";
import type { AnsweredHttp } from "../../../../src/bridge/refusal/verdict.ts";

const forMs = 700;
/** At its beginning, and after each pause of a quarter of a second. */
const most = 1 + Math.ceil(forMs / 250);
const nobody = (): Promise<void> => Promise.resolve();

/** An answer whose stream holds these events and ends. */
const streamed = (text: string): AnsweredHttp => {
  const response = new IncomingMessage(new Socket());
  response.headers["content-type"] = "text/event-stream";
  new PassThrough()
    .end(text)
    .on("data", (chunk) => response.push(chunk))
    .on("end", () => response.push(null));
  return { kind: "answered", response, status: 200, url: "https://connector.example/mcp" };
};

test("a server that ends its stream and wants it asked for at once is given its time", async () => {
  let asked = 0;
  const listen = (lastId: string): Promise<Heard> => {
    asked += 1;
    return hear(streamed("retry: 0\n\n"), lastId, nobody);
  };
  await keepListening(listen, AbortSignal.timeout(forMs));
  expect(asked).toBeGreaterThan(1);
  expect(asked).toBeLessThanOrEqual(most);
});

test("one that goes on and on with an answer and never gives it is as well", async () => {
  let asked = 0;
  const resume = (): Promise<AnsweredHttp> => {
    asked += 1;
    return Promise.resolve(streamed(`id: ${asked}\nretry: 0\ndata: \n\n`));
  };
  const message = ownMessage({ id: 1, method: "tools/call", params: { name: "x" } });
  const begun = streamed("id: 0\nretry: 0\ndata: \n\n");
  const failure = await finish(begun, message, nobody, AbortSignal.timeout(forMs), resume);
  expect(failure?.kind).toBe("failed");
  expect(asked).toBeGreaterThan(1);
  expect(asked).toBeLessThanOrEqual(most);
});
