import type { BrokenEntry } from "../../config/connector.ts";

/**
 * Whether an entry is broken because a policy forbids it, and for that alone: nothing that the person could mend in it.
 * Apart from the policies themselves, because the view asks at the start, when nothing of them is needed yet.
 */
export const isForbidden = ({ issues }: BrokenEntry): boolean =>
  issues.length > 0 && issues.every(({ code }) => code === "forbidden");
