import type { BrowserContext } from "playwright-core";
import { inRoot } from "../../scripts/support/paths.ts";

/** The browsers of the worlds that are open. */
const shown = new Map<BrowserContext, string>();

/** Has this world's windows looked at by `keepAll`, and by what is returned, at the end. */
export const showing = (world: string, context: BrowserContext): (() => Promise<void>) => {
  shown.set(context, world);
  return async () => {
    shown.delete(context);
    await keep(world, context, "at the end");
  };
};

/** What each window shows, as `artifacts/logs/WORLD/WHEN, page N.png`. */
const keep = async (world: string, context: BrowserContext, when: string): Promise<void> => {
  for (const [index, page] of context.pages().entries()) {
    const path = inRoot("artifacts/logs", world, `${when}, page ${index + 1}.png`);
    await page.screenshot({ path }).catch(() => undefined);
  }
};

/** Looks at every window of every world that is open. */
export const keepAll = async (when: string): Promise<void> => {
  for (const [context, world] of shown) await keep(world, context, when);
};
