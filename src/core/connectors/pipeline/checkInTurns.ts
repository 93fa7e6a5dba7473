/** Checks that a window has under way at a time: a vault is asked for hundreds of connectors in a row, not at once. */
export const checksAtOnce = 8;

/** Checks each of these connectors, `checksAtOnce` at a time and in order. Rejects as soon as a check does. */
export const checkInTurns = async (
  connectorIds: readonly string[],
  check: (connectorId: string) => Promise<void>,
): Promise<void> => {
  const queue = connectorIds.values();
  const worker = async (): Promise<void> => {
    for (const id of queue) await check(id);
  };
  await Promise.all(Array.from({ length: Math.min(checksAtOnce, connectorIds.length) }, worker));
};
