import { disposable, type Disposable } from "./disposable.ts";
import { hasCode } from "./errors.ts";

type Failed = (event: string, error: unknown) => void;

let tell: Failed | undefined;

/** Says who is told of what fails in the background: in a window the log, and the person. The last one to ask is told. */
export const onBackgroundFailure = (failed: Failed): Disposable => {
  tell = failed;
  return disposable(() => {
    if (tell === failed) tell = undefined;
  });
};

/**
 * Starts work that nobody waits for; `event` names it in the log. The only way to do so: the linter refuses `void f()`,
 * which loses what fails. Work that was cancelled has not failed. Where nobody is told, a failure ends the program as
 * any other rejection that nobody handles.
 */
export const inBackground = (event: string, work: () => PromiseLike<unknown>): void => {
  begin(work).catch((error: unknown) => {
    if (hasCode(error, "cancelled")) return;
    if (tell === undefined) throw error;
    tell(event, error);
  });
};

/** Begins at once, and makes a rejection of what is thrown at once. */
const begin = async (work: () => PromiseLike<unknown>): Promise<void> => {
  await work();
};
