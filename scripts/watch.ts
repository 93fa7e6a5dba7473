/**
 * Builds for development, and again at every change of src/: `npm run watch`. Each round prints a line at its start and
 * one at its end, by which an editor's task knows when it is done.
 */
import { watch } from "node:fs/promises";
import { build } from "./build.ts";
import { inRoot } from "./support/paths.ts";

const round = async (): Promise<void> => {
  console.log("watch: building");
  const startMs = performance.now();
  try {
    await build({ dev: true });
    console.log(`watch: built in ${Math.round(performance.now() - startMs)} ms`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.log("watch: failed");
  }
};

// Begun before the first round, so that a change during it is not missed; events of one round's time become one round.
const changes = watch(inRoot("src"), { recursive: true });
let isDirty = false;
let rounds = round();
for await (const _change of changes) {
  if (isDirty) continue;
  isDirty = true;
  rounds = rounds.then(() => {
    isDirty = false;
    return round();
  });
}
await rounds;
