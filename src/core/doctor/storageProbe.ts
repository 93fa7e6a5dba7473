import type { BoundedSecrets } from "../secrets/bounded.ts";
import { hasCode } from "../errors.ts";
import type { StorageFacts } from "./signIn.ts";

const probeKey = "lanyard.doctor.probe";

/** Writes a value that is no secret, reads it and deletes it again. */
export const probeStorage = async (secrets: BoundedSecrets): Promise<StorageFacts["probe"]> => {
  const value = crypto.randomUUID();
  try {
    await secrets.store(probeKey, value);
    const kept = await secrets.get(probeKey);
    await secrets.delete(probeKey);
    return kept === value ? "works" : "forgets";
  } catch (error) {
    if (!hasCode(error, "storageFailed")) throw error;
    return secrets.health.kind === "failing" ? secrets.health.how : "refuses";
  }
};
