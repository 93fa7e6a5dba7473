import { lstat, unlink } from "node:fs/promises";
import { inBackground } from "../../core/background.ts";
import { disposable, type Disposable } from "../../core/disposable.ts";
import { errnoOf, forLog } from "../../core/errors.ts";
import type { Clock, Log } from "../../core/ports.ts";

/** How often a socket is looked for: with the next look of a helper, it is back within two seconds. */
const lookMs = 500;

export interface SocketKeeperParts {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Listens there again, and makes the folder if that is gone too. */
  readonly restore: () => Promise<void>;
}

/**
 * Notices that a socket was swept away under a living window: a cleaned `/tmp`, a logout that empties its folder, a
 * backup that left a file in its place.
 */
export const keepSocket = ({ path, clock, log, restore }: SocketKeeperParts): Disposable => {
  let isOver = false;
  let timer: Disposable | undefined;
  const look = async (): Promise<void> => {
    try {
      if (!isOver && (await isGone(path))) {
        await restore();
        log.warn("agent.socketRestored");
      }
    } catch (error) {
      log.warn("agent.socketGone", { error: forLog(error) });
    }
    if (!isOver) timer = clock.after(lookMs, () => inBackground("endpoint.look", look));
  };
  timer = clock.after(lookMs, () => inBackground("endpoint.look", look));
  return disposable(() => {
    isOver = true;
    timer?.dispose();
  });
};

const isGone = async (path: string): Promise<boolean> => {
  try {
    const stats = await lstat(path);
    if (stats.isSocket()) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return true;
    throw error;
  }
};
