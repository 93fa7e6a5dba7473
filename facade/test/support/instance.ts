import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";
import { freePort } from "../../../test/support/servers.ts";
import { addressIn, runFacade, type Program } from "./program.ts";
import { plainConfig, plainIdp, type Over } from "./world.ts";

/** One of several instances: a process of its own, which may be killed. */
export class Instance {
  readonly url: string;
  readonly #bundle: string;
  readonly #file: string;
  #program: Program | undefined;

  constructor(port: number, bundle: string, file: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#bundle = bundle;
    this.#file = file;
  }

  async start(): Promise<void> {
    this.#program = runFacade(this.#bundle, [this.#file]);
    await addressIn(this.#program);
    const isReady = async (): Promise<void> => {
      const { status } = await fetch(`${this.url}/ready`);
      if (status !== 200) throw new Error(`It is not ready: ${status}`);
    };
    await vi.waitFor(isReady, { timeout: 20_000 });
  }

  async kill(): Promise<void> {
    this.#program?.child.kill("SIGKILL");
    await this.#program?.ended;
  }
}

export interface InstanceOptions {
  /** Where the bundle lies, and the configuration. */
  readonly folder: string;
  readonly bundle: string;
  readonly issuer: string;
  readonly store: string;
  /** Vaults and targets. */
  readonly over: Over;
}

/** Configures an instance that shares a store with others. */
export const configured = async (name: string, options: InstanceOptions): Promise<Instance> => {
  const [port, file] = [await freePort(), join(options.folder, `${name}.json`)];
  const config = {
    ...plainConfig(),
    ...{ listen: { port }, questionsPerMinute: 100_000, store: { url: options.store } },
    identityProvider: { ...plainIdp(), issuer: options.issuer },
    ...options.over,
  };
  await writeFile(file, JSON.stringify(config));
  return new Instance(port, options.bundle, file);
};
