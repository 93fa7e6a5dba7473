import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";
import { inRoot } from "./support/paths.ts";
import { lastLines, startUntilStdinCloses } from "./support/processes.ts";

export const demoReady = z.looseObject({
  idp: z.url(),
  admin: z.url(),
  users: z.array(z.object({ username: z.string(), password: z.string(), otp: z.string() })).min(1),
});

/** What the demo says when it is ready. */
export type DemoReady = z.infer<typeof demoReady>;

export interface Demo {
  readonly ready: DemoReady;
  /** Resolves when the demo has ended, asked or not. */
  readonly exited: Promise<number | null>;
  stop(): Promise<void>;
}

/** Starts the demo company, which writes its `.mcp.json` and scripts into `workspace`, and waits until it answers. */
export const startDemo = async (options: {
  readonly workspace: string;
  readonly logFile: string;
  /** How long a push waits on the phone; as long as the demo wants when left out. */
  readonly pushSeconds?: number;
  /** How long access tokens live; as long as the demo wants when left out. */
  readonly accessTokenSeconds?: number;
  /** How long the vault's credentials live; as long as the demo wants when left out. */
  readonly credentialSeconds?: number;
}): Promise<Demo> => {
  await mkdir(options.workspace, { recursive: true });
  await mkdir(dirname(options.logFile), { recursive: true });
  const tree = startUntilStdinCloses(process.execPath, [
    ...[inRoot("demo/main.ts"), "--workspace", options.workspace, "--until-stdin-closes"],
    ...(options.pushSeconds === undefined ? [] : ["--push-seconds", String(options.pushSeconds)]),
    ...(options.accessTokenSeconds === undefined
      ? []
      : ["--access-token-seconds", String(options.accessTokenSeconds)]),
    ...(options.credentialSeconds === undefined
      ? []
      : ["--credential-seconds", String(options.credentialSeconds)]),
  ]);
  const log = createWriteStream(options.logFile);
  let said = "";
  tree.stderr.on("data", (chunk: Buffer) => {
    said = lastLines(said + chunk.toString(), 40);
    log.write(chunk);
  });
  void tree.exited.then(() => log.end());
  for await (const line of createInterface({ input: tree.stdout })) {
    const ready = demoReady.safeParse(JSON.parse(line));
    tree.stdout.resume();
    if (ready.success) return { ready: ready.data, exited: tree.exited, stop: () => tree.stop() };
    await tree.stop();
    throw new Error(`The demo's first line is not what it promises.\n${z.prettifyError(ready.error)}`);
  }
  throw new Error(`The demo ended before it was ready.\n${lastLines(said)}`);
};
