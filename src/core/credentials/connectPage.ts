import { Secret } from "../secret.ts";
import type { Refusal } from "./grant.ts";
import { contextOf, unknownReply, type Judgement } from "./judgement.ts";
import { refusalOf } from "./outcome.ts";
import { resolvePointer } from "./pointer.ts";
import { misconfigured } from "./problem.ts";
import { safeUrlAt, secondsAt } from "./reply.ts";
import { firstMatch } from "./rules.ts";
import { send } from "./send.ts";
import type { Ask, SourcePorts } from "./source.ts";

const pageLifetimeMs = 5 * 60 * 1000;

const keyOf = (ask: Ask): string => `connect ${ask.connector.id}`;

/**
 * Asks the vault for the page on which the person connects their account. Kept while it lasts, so that polls do not
 * make a page each.
 */
export const connectPage = async (judgement: Judgement, ports: SourcePorts): Promise<string | Refusal> => {
  const { declaration, ask, variables, host } = judgement;
  const { connect } = declaration;
  if (connect === undefined) {
    return misconfigured(
      ask.connector,
      "{0} wants the account connected, but the entry names no page for it.",
      host,
    );
  }
  const known = ports.keeper?.get(ask.session.id, keyOf(ask), ports.clock.now());
  if (known !== undefined) return known.value.reveal();
  const sent = await send(connect.request, variables, ask, ports);
  if (sent.kind === "refused") return sent.grant;
  const { reply } = sent;
  const url = safeUrlAt(resolvePointer(reply.body, connect.url));
  if (reply.status < 200 || reply.status > 299 || url === undefined) {
    return noPage({ ...judgement, reply, host: sent.host });
  }
  const nowMs = ports.clock.now();
  const lifetime = secondsAt(resolvePointer(reply.body, connect.expiresIn));
  const expiresAtMs = nowMs + (lifetime === undefined ? pageLifetimeMs : lifetime * 1000);
  ports.keeper?.put(ask.session.id, keyOf(ask), { value: new Secret(url), expiresAtMs });
  return url;
};

/** Once connected, the page is of no use. */
export const forgetConnectPage = (ask: Ask, ports: SourcePorts): void =>
  ports.keeper?.drop(ask.session.id, keyOf(ask));

/** The same rules read a failed request for a page, but nothing in it grants, and it leads to no further page. */
const noPage = (judgement: Judgement): Refusal => {
  const rule = firstMatch(judgement.declaration.rules, judgement.reply);
  if (rule === undefined || rule.then.grant === "granted") return unknownReply(judgement);
  if (rule.then.grant === "needsConnection" && rule.then.url === undefined) return unknownReply(judgement);
  return refusalOf(rule.then, contextOf(judgement, rule));
};
