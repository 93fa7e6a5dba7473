import { afterEach } from "vitest";
import { keepAll } from "./sights.ts";

/** Once for each file of tests (`setupFiles`): what a test saw when it failed, before the next one goes on. */
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepAll(task.name.replaceAll(/[^\w ,.-]/g, "").slice(0, 100));
});
