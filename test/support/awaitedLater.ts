/**
 * What was begun and is awaited a few steps on. Where a step before fails, nobody awaits it any more; then its own end
 * is no failure of its own, which a second try of the test could not take back.
 */
export const awaitedLater = <T>(begun: Promise<T>): Promise<T> => {
  begun.catch(() => undefined);
  return begun;
};
