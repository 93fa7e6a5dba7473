import type { Finding } from "../../core/doctor/finding.ts";
import { readFindings } from "../api/replies.ts";
import { callAgent } from "../client.ts";
import { paths } from "../wire.ts";

/** What only the window that answers helpers can see, as it sees it; nothing where none answers. */
export const lookThroughLeader = async (
  home: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly Finding[]> => {
  const called = await callAgent(home, {
    path: paths.doctor,
    message: { deadlineMs: timeoutMs },
    accept: "json",
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  return called.kind === "reply" ? readFindings(called.body) : [];
};
