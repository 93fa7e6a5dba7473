import type { BoardEntry } from "../connectors/board/boardEntry.ts";
import { oldTransportTold } from "../mcp/report.ts";
import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";

/** Whose server no bridge can serve: one of the older transport, as far as it was tested, and one that is itself a command. */
export const judgeBridges = (entries: readonly BoardEntry[], t: Translate): readonly Finding[] => {
  const judge = judgesOf("bridge");
  const namesOf = (fits: (entry: BoardEntry) => boolean): string =>
    entries
      .filter(fits)
      .map(({ connector }) => plainText(connector.name, 80))
      .join(", ");
  const old = namesOf(({ connector, lastTest }) => {
    const outcome = lastTest?.outcome;
    const isOld = outcome?.kind === "failed" && outcome.failure.kind === "oldTransport";
    return isOld && connector.helper.kind === "bridge";
  });
  const foreign = namesOf(({ connector }) => connector.helper.kind === "foreign");
  const remedy = t(
    "Open .mcp.json: let the entry start lanyard bridge, with the server's address in userAuth. One that is itself a command (stdio) gets no credential from Lanyard: take userAuth out.",
  );
  return [
    ...(old === "" ? [] : [judge.failed(old, oldTransportTold(t))]),
    ...(foreign === ""
      ? []
      : [
          judge.warning(t("Entries that start or ask another program than Lanyard's: {0}.", foreign), remedy),
        ]),
  ];
};
