import type { Authorization } from "../agent.ts";
import type { Unreachable } from "../../ipc/client.ts";
import { errorCodes } from "../wire/message.ts";
import { forwardFailure, type Failure } from "./verdict.ts";

/** Why the agent gives nothing, as whole sentences. A reason with a full stop is whole; the window's own have none. */
export const refusedByAgent = (refused: Exclude<Authorization, { kind: "authorized" }>): Failure => {
  const code = errorCodes.refused;
  if (refused.kind === "unreachable") return forwardFailure(unreachable[refused.how], { code, refusal: {} });
  const { why, ...refusal } = refused;
  const reason = withoutUrls(why).trimEnd();
  const more = { code, refusal };
  if (reason.endsWith(".")) return forwardFailure(reason, more);
  const end = /[?!。？！]$/u.test(reason) ? "" : ".";
  const next = namesPlace.test(reason)
    ? `"lanyard status" says more.`
    : `The Connectors view of VS Code and "lanyard status" say what to do.`;
  return forwardFailure(`${reason}${end} ${next}`, more);
};

const unreachable: Readonly<Record<Unreachable["kind"], string>> = {
  absent: "Lanyard is not running. Open this folder in VS Code and sign in with Lanyard.",
  timedOut: "Lanyard did not answer in time. Try again or reload the VS Code window.",
  lost: "Lanyard went away while it was asked. Try again.",
  broken: "Lanyard gave an answer that makes no sense. Reload the VS Code window.",
  unreadable: "The endpoint file of Lanyard cannot be read or is not yours. Run lanyard doctor.",
  unsafe: "The endpoint file of Lanyard cannot be read or is not yours. Run lanyard doctor.",
};

/** A place that is named once is not named again. */
const namesPlace = /VS Code|Connectors view|连接器”视图/u;

/** A vault's own words may hold a link, which is for the person and not for a model. */
const withoutUrls = (text: string): string =>
  text.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s，。；）”]+?(?=[)\]"'.,;:!?]*(?:[\s，。；）”]|$))/giu, "…");
