import { access, constants } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { errnoOf, LanyardError } from "../../core/errors.ts";
import { tryLauncher } from "./trial.ts";
import { plainText, type Translate } from "../../core/text.ts";

/** What keeps LANYARD_HOME from being used, and what to do about it. */
export const homeTrouble = (error: unknown, home: string, t: Translate): string => {
  const place = plainText(home, 200);
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return t("The disk of {0} is full, so Claude Code cannot reach Lanyard. Make room.", place);
    case "EROFS":
      return t(
        "{0} is read-only, so Claude Code cannot reach Lanyard. Set LANYARD_HOME to a folder that can be written.",
        place,
      );
    case "EACCES":
    case "EPERM":
      return t(
        "You may not write in {0}, so Claude Code cannot reach Lanyard. Give yourself the right, or set LANYARD_HOME to another folder.",
        place,
      );
    case "EBUSY":
    case "ETXTBSY":
      return t("Another program holds files in {0}, so Lanyard cannot renew its command there.", place);
    case undefined:
    default:
      return error instanceof LanyardError
        ? t("Lanyard cannot answer Claude Code from this window: {0}", error.message)
        : t(
            "{0} cannot be used ({1}), so Claude Code cannot reach Lanyard. Set LANYARD_HOME to another folder.",
            place,
            errnoOf(error) ?? "unknown",
          );
  }
};

/** A home that is another folder for each program: by a path that is not absolute, or by a tilde, which no shell expands there. */
export const homeElsewhere = (home: string, t: Translate): string | undefined =>
  isAbsolute(home)
    ? undefined
    : t(
        "LANYARD_HOME is {0}, which is another folder for each program, so Claude Code cannot reach Lanyard. Set it to an absolute path.",
        plainText(home, 200),
      );

/** Node reports a read-only file system as a folder that is missing: what the home itself says is nearer the truth. */
export const homeCause = async (error: unknown, home: string): Promise<unknown> => {
  try {
    await access(home, constants.W_OK);
    return error;
  } catch (denied) {
    return errnoOf(denied) === "ENOENT" ? error : denied;
  }
};

/**
 * Whether the command under `home` can be started, as Claude Code starts it. Where it cannot, the helper never runs, and
 * Claude Code goes on without a credential.
 */
export const notExecutable = async (home: string, t: Translate): Promise<string | undefined> => {
  if (process.platform === "win32") return undefined;
  const mayRun = await access(join(home, "bin", "lanyard"), constants.X_OK).then(
    () => true,
    () => false,
  );
  const trial = mayRun ? (await tryLauncher(home)).kind : "forbidden";
  switch (trial) {
    case "forbidden":
      return t(
        "Programs in {0} cannot be started (noexec), so Claude Code cannot run Lanyard's helper. Set LANYARD_HOME to another folder.",
        plainText(home, 200),
      );
    case "failed":
      return t(
        "The command in {0} does not start, so Claude Code cannot run Lanyard's helper. Run it in a terminal with --version to see why.",
        plainText(home, 200),
      );
    case "runs":
    case "unknown":
      return undefined;
  }
};
