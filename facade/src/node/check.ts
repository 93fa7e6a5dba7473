import { orAfter } from "../../../src/core/abort.ts";
import { forLog } from "../../../src/core/errors.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { checkFacade } from "../core/checks.ts";
import type { StoreConfig } from "../core/config/schema.ts";
import { RedisStore } from "./redisStore.ts";
import { readFacadeFile } from "./serve.ts";
import { readSecret } from "./secrets.ts";

/** `lanyard-facade check FILE`: line by line, what works. @returns whether all of it does */
export const runCheck = async (file: string, print: (line: string) => void): Promise<boolean> => {
  const read = await readFacadeFile(file);
  if (read.kind === "issues") {
    for (const issue of read.issues) print(`FAIL  ${issue}`);
    return false;
  }
  print(`ok    ${file}: ${Object.keys(read.config.targets).length} targets`);
  let isWell = true;
  const ports = {
    fetch: (url: string, init?: RequestInit) => fetch(url, init),
    clock: systemClock,
    secret: readSecret,
  };
  for await (const { ok, text } of checkFacade(read.config, ports)) {
    print(`${ok ? "ok   " : "FAIL "} ${text}`);
    isWell &&= ok;
  }
  const { store } = read.config;
  if (store !== undefined) {
    const failure = await storeFailure(store);
    print(failure === undefined ? "ok    store.url: it answers" : `FAIL  store.url: ${failure}`);
    isWell &&= failure === undefined;
  }
  return isWell;
};

const patienceMs = 5000;

const storeFailure = async (config: StoreConfig): Promise<string | undefined> => {
  let last = "It does not answer.";
  const told = (error: unknown): void => {
    if (error !== undefined) last = forLog(error);
  };
  await using store = new RedisStore(config, { clock: systemClock, secret: readSecret, told });
  const opened = store.open().then(() => true, told);
  return (await orAfter(opened, systemClock, patienceMs, () => false)) === true ? undefined : last;
};
