import type { Authorization } from "../agent.ts";
import { errorCodes } from "../wire/message.ts";
import { forwardFailure, type Failure } from "./verdict.ts";

/** Why the agent gives nothing, as whole sentences. A reason with a full stop is whole; the window's own have none. */
export const refusedByAgent = ({ why, ...refusal }: Extract<Authorization, { kind: "refused" }>): Failure => {
  const reason = withoutUrls(why).trimEnd();
  const more = { code: errorCodes.refused, refusal };
  if (reason.endsWith(".")) return forwardFailure(reason, more);
  const end = /[?!。？！]$/u.test(reason) ? "" : ".";
  const next = namesPlace.test(reason)
    ? `"lanyard status" says more.`
    : `The Connectors view of VS Code and "lanyard status" say what to do.`;
  return forwardFailure(`${reason}${end} ${next}`, more);
};

/** A place that is named once is not named again. */
const namesPlace = /VS Code|Connectors view|连接器”视图/u;

/** A vault's own words may hold a link, which is for the person and not for a model. */
const withoutUrls = (text: string): string =>
  text.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s，。；）”]+?(?=[)\]"'.,;:!?]*(?:[\s，。；）”]|$))/giu, "…");
