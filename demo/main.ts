import { parseArgs } from "node:util";
import { type Acme, startAcme } from "./demo.ts";
import { writeWorkspace } from "./workspace.ts";

/**
 * `node demo/main.ts [--workspace DIR] [--until-stdin-closes] [--push-seconds N] [--access-token-seconds N]
 * [--credential-seconds N]`: one JSON line on stdout when all is ready.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      workspace: { type: "string" },
      "until-stdin-closes": { type: "boolean", default: false },
      "push-seconds": { type: "string", default: "120" },
      "access-token-seconds": { type: "string", default: "300" },
      "credential-seconds": { type: "string", default: "300" },
    },
  });
  // Listened for before anything is opened, so that no signal is lost meanwhile.
  const told = toldToStop(values["until-stdin-closes"]);
  const demo = await startAcme({
    log: (line) => process.stderr.write(`${line}\n`),
    pushSeconds: Number(values["push-seconds"]),
    accessTokenSeconds: Number(values["access-token-seconds"]),
    credentialSeconds: Number(values["credential-seconds"]),
  });
  try {
    if (values.workspace !== undefined) await writeWorkspace(demo, values.workspace);
    process.stdout.write(`${JSON.stringify(addresses(demo))}\n`);
    await told;
  } finally {
    await demo.close();
  }
};

const addresses = ({ idp, admin, vault, phone, connectors, users }: Acme): object => ({
  idp,
  admin,
  vault,
  phone,
  connectors,
  users,
});

/** Resolves at SIGINT or SIGTERM, and if asked for when stdin closes: a parent that was killed closes it too. */
const toldToStop = (untilStdinCloses: boolean): Promise<void> =>
  new Promise<void>((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      process.stdin.destroy();
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    if (untilStdinCloses) process.stdin.once("end", stop).once("error", stop).resume();
  });

await main();
