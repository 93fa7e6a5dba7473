import { Secret } from "../secret.ts";
import { type Refusal, misconfigured } from "./grant.ts";
import { contextOf, unknownReply, type Judgement } from "./reply/judgement.ts";
import { refusalOf } from "./reply/outcome.ts";
import { resolvePointer } from "./request/pointer.ts";
import { safeUrlAt, secondsAt } from "./reply/reply.ts";
import { firstMatch } from "./reply/rules.ts";
import { sendToVault } from "./request/send.ts";
import { keyOfEntry } from "./sessionCache.ts";
import type { SourceQuery, SourcePorts } from "./source.ts";

const pageLifetimeMs = 5 * 60 * 1000;

const keyOf = ({ connector }: SourceQuery): string => keyOfEntry("connect", connector);

/**
 * Asks the vault for the page on which the person connects their account. Kept while it lasts, so that polls do not
 * make a page each.
 */
export const connectPage = async (judgement: Judgement, ports: SourcePorts): Promise<string | Refusal> => {
  const { declaration, query, variables, host } = judgement;
  const { connect } = declaration;
  if (connect === undefined) {
    return misconfigured(
      query.connector,
      "{0} wants the account connected, but the entry names no page for it.",
      host,
    );
  }
  const known = ports.keeper?.get(query.session.id, keyOf(query), ports.clock.now());
  if (known !== undefined) return known.value.reveal();
  const sent = await sendToVault(connect.request, variables, query, ports);
  if (sent.kind === "refused") return sent.grant;
  const { reply } = sent;
  const url = safeUrlAt(resolvePointer(reply.body, connect.url));
  if (reply.status < 200 || reply.status > 299 || url === undefined) {
    return noPage({ ...judgement, reply, host: sent.host });
  }
  const nowMs = ports.clock.now();
  const lifetime = secondsAt(resolvePointer(reply.body, connect.expiresIn));
  const expiresAtMs = nowMs + (lifetime === undefined ? pageLifetimeMs : lifetime * 1000);
  ports.keeper?.put(query.session.id, keyOf(query), { value: new Secret(url), expiresAtMs });
  return url;
};

/** Once connected, the page is of no use. */
export const forgetConnectPage = (query: SourceQuery, ports: SourcePorts): void =>
  ports.keeper?.drop(query.session.id, keyOf(query));

/** The same rules read a failed request for a page, but nothing in it grants, and it leads to no further page. */
const noPage = (judgement: Judgement): Refusal => {
  const rule = firstMatch(judgement.declaration.rules, judgement.reply);
  if (rule === undefined || rule.then.grant === "granted") return unknownReply(judgement);
  if (rule.then.grant === "needsConnection" && rule.then.url === undefined) return unknownReply(judgement);
  return refusalOf(rule.then, contextOf(judgement, rule));
};
