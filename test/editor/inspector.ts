import { once } from "node:events";
import {
  generatedPositionFor,
  LEAST_UPPER_BOUND,
  originalPositionFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import * as z from "zod";

/** A place in a source, as an editor shows it: the line begins at 1. */
export interface Place {
  readonly source: string;
  readonly line: number;
}

const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const reply = z.object({ id: z.number(), result: z.unknown().optional(), error: z.unknown().optional() });
const parsedScript = z.object({
  method: z.literal("Debugger.scriptParsed"),
  params: z.object({ scriptId: z.string(), url: z.string(), sourceMapURL: z.string().optional() }),
});
const location = z.object({
  scriptId: z.string(),
  lineNumber: z.number(),
  columnNumber: z.number().default(0),
});
const paused = z.object({
  method: z.literal("Debugger.paused"),
  params: z.object({ callFrames: z.array(z.object({ location })).min(1) }),
});

const inlineMap = /^data:application\/json[^,]*;base64,/;

/** A debugger on a Node process that listens for one, such as `--inspect`. It knows sources by their source maps. */
export class Inspector implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: z.infer<typeof reply>) => void>();
  readonly #maps = new Map<string, TraceMap>();
  readonly #pauses: ((place: Place) => void)[] = [];
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data))));
  }

  /** Attaches, and learns of every script that is loaded. */
  static async attach(port: number): Promise<Inspector> {
    const listed = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target] = targets.parse(await listed.json());
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "");
    await once(socket, "open");
    const inspector = new Inspector(socket);
    await inspector.#send("Debugger.enable");
    return inspector;
  }

  /** Sets a breakpoint where the source says, in every script that holds that place. @returns how many do. */
  async breakAt({ source, line }: Place): Promise<number> {
    let set = 0;
    for (const [scriptId, map] of this.#maps) {
      const name = map.sources.find((each) => each?.endsWith(source) === true);
      if (typeof name !== "string") continue;
      const at = generatedPositionFor(map, { source: name, line, column: 0, bias: LEAST_UPPER_BOUND });
      if (at.line === null) continue;
      const where = { scriptId, lineNumber: at.line - 1, columnNumber: at.column };
      await this.#send("Debugger.setBreakpoint", { location: where });
      set += 1;
    }
    return set;
  }

  /** The place in the sources at which the process stops next. */
  nextPause(): Promise<Place> {
    return new Promise((resolve) => this.#pauses.push(resolve));
  }

  async resume(): Promise<void> {
    await this.#send("Debugger.resume");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }

  #send(method: string, params: object = {}): Promise<void> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ error }) => {
        if (error === undefined) resolve();
        else reject(new Error(`${method}: ${JSON.stringify(error)}`));
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #take(message: unknown): void {
    const answer = reply.safeParse(message);
    if (answer.success) {
      this.#answers.get(answer.data.id)?.(answer.data);
      this.#answers.delete(answer.data.id);
    }
    const script = parsedScript.safeParse(message);
    if (script.success) this.#learn(script.data.params);
    const stop = paused.safeParse(message);
    if (stop.success) this.#stopped(stop.data.params.callFrames);
  }

  #learn({ scriptId, url, sourceMapURL = "" }: z.infer<typeof parsedScript>["params"]): void {
    if (!inlineMap.test(sourceMapURL)) return;
    const text = Buffer.from(sourceMapURL.replace(inlineMap, ""), "base64").toString();
    this.#maps.set(scriptId, new TraceMap(text, url));
  }

  #stopped([top]: z.infer<typeof paused>["params"]["callFrames"]): void {
    const map = top === undefined ? undefined : this.#maps.get(top.location.scriptId);
    if (top === undefined || map === undefined) return;
    const { lineNumber, columnNumber } = top.location;
    const { source, line } = originalPositionFor(map, { line: lineNumber + 1, column: columnNumber });
    const place = { source: source ?? "", line: line ?? 0 };
    for (const resolve of this.#pauses.splice(0)) resolve(place);
  }
}
