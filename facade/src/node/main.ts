#!/usr/bin/env node
import { runCheck } from "./check.ts";
import { startFacade, type RunningFacade } from "./serve.ts";

const help = `lanyard-facade FILE         serves what facade.json configures
lanyard-facade check FILE   says, line by line, what of it works

SIGHUP reads the file anew; SIGTERM and SIGINT answer who is waiting, and end.
`;

const write = (fields: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
};
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const serve = async (file: string): Promise<void> => {
  const started = await startFacade(file, write);
  if (started.kind === "issues") {
    for (const issue of started.issues) say(issue);
    process.exitCode = 1;
    return;
  }
  say(`lanyard-facade listens at ${started.facade.url}`);
  onSignals(started.facade);
};

const onSignals = (facade: RunningFacade): void => {
  process.on("SIGHUP", () => {
    facade.reload().then(
      (issues) => {
        for (const issue of issues) say(issue);
        say(issues.length === 0 ? "The configuration was read anew." : "The configuration stays as it was.");
      },
      () => say("The configuration stays as it was."),
    );
  });
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    facade.end().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
};

const [first, second] = process.argv.slice(2);
if (first === undefined || first === "--help" || first === "-h") {
  process.stdout.write(help);
  process.exitCode = first === undefined ? 2 : 0;
} else if (first === "check") {
  process.exitCode = (await runCheck(second ?? "facade.json", (line) => process.stdout.write(`${line}\n`)))
    ? 0
    : 1;
} else {
  await serve(first);
}
