import { activation } from "./activation.ts";
import { runSuites } from "./runner.ts";

/** Called by the editor inside the extension host. */
export const run = (): Promise<void> => runSuites({ activation });
