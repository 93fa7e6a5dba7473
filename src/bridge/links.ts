import type { Remembered } from "./ownAnswers.ts";
import { mayBeOldTransport } from "../core/mcp/oldTransport.ts";
import type { Exchange } from "./exchange.ts";
import type { Opened, OpenLink } from "./link.ts";

/** By what the connector speaks: as its client does where it can, else translated. What it was the last time is tried first. */
export const linksOf =
  (memory: Remembered, exchange: Exchange, stateful: OpenLink, translated: OpenLink): OpenLink =>
  async (initialize, isAsked, ears) => {
    const modern = async (): Promise<Opened> => {
      const opened = await translated(initialize, isAsked, ears);
      if (isLinked(opened)) memory.keep("era", '"modern"');
      return opened;
    };
    const known = memory.get("era") === '"modern"' ? await modern() : undefined;
    if (known !== undefined && (isLinked(known) || !isOtherEra(known))) return known;
    const opened = await stateful(initialize, isAsked, ears);
    if (isLinked(opened)) memory.keep("era", '"stateful"');
    if (known !== undefined || !isOtherEra(opened)) return opened;
    const other = await modern();
    if (isLinked(other) || opened.kind === "open") return isLinked(other) ? other : opened;
    return (await import("./late.ts")).oldTransport(exchange, opened);
  };

const isLinked = (opened: Opened): boolean => opened.kind === "open" && opened.link !== undefined;

/** Whether a server refused the first message as one of another era may. */
const isOtherEra = (opened: Opened): boolean =>
  opened.kind === "open" ? opened.link === undefined : mayBeOldTransport(opened.status);
