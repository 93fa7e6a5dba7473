import { systemClock } from "../../../src/node/clock.ts";
import { checkFacade } from "../core/checks.ts";
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
  return isWell;
};
