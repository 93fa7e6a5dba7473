import { join } from "node:path";
import { buildHelper, install, oddFolder, startAgentProcess } from "./support.ts";

/** What the tests of a helper have in common: a home where an agent answers, and one where none runs. */
export interface Homes {
  readonly folder: string;
  readonly home: string;
  readonly quiet: string;
  /** The helper that both homes have. */
  readonly bundle: string;
  close(): Promise<void>;
}

export const openHomes = async (): Promise<Homes> => {
  const folder = await oddFolder();
  const [home, quiet] = [join(folder.path, "home"), join(folder.path, "quiet")];
  const bundle = await buildHelper(folder.path);
  await install(home, bundle);
  await install(quiet, bundle);
  const agent = await startAgentProcess(home);
  return {
    ...{ folder: folder.path, home, quiet, bundle },
    async close() {
      await agent.stop();
      await folder.remove();
    },
  };
};
