import type { Catalogue } from "../config/connector.ts";
import type { IssueCode } from "../config/issues/issue.ts";
import { plainText, type Translate } from "../text.ts";
import { judgesOf, type Finding } from "./finding.ts";

/** With these, a client that gets nothing from the helper sends something. */
const open: ReadonlySet<IssueCode> = new Set(["guardMissing", "guardSent", "literalToken"]);
/** With these, this system's shell starts no helper. */
const foreignShell: ReadonlySet<IssueCode> = new Set(["helperElsewhere"]);
/** With these, the guard stays whatever the helper answers. */
const blocking: ReadonlySet<IssueCode> = new Set(["guardWrongCase", "guardBlocks"]);

/** Which entries lack what keeps clients from connecting without a credential. Pure. */
export const judgeGuards = (catalogue: Catalogue, t: Translate): readonly Finding[] => {
  const judge = judgesOf("guard");
  const remedy = t("Open .mcp.json and use the quick fix at the entry.");
  const [lacking, blocked] = [namesWith(catalogue, open), namesWith(catalogue, blocking)];
  const elsewhere = namesWith(catalogue, foreignShell);
  const found = [
    ...(elsewhere === ""
      ? []
      : [judge.failed(t("Entries whose helper this system's shell cannot start: {0}.", elsewhere), remedy)]),
    ...(lacking === ""
      ? []
      : [
          judge.warning(
            t(
              "Entries to which Claude Code connects without a credential where the helper fails: {0}.",
              lacking,
            ),
            remedy,
          ),
        ]),
    ...(blocked === ""
      ? []
      : [judge.failed(t("Entries whose own headers block every connection: {0}.", blocked), remedy)]),
  ];
  return found.length > 0 ? found : [judge.ok(t("No entry is connected to without a credential."))];
};

const namesWith = ({ connectors, broken, issues }: Catalogue, codes: ReadonlySet<IssueCode>): string => {
  const ids = new Set(issues.flatMap(({ code, connector }) => (codes.has(code) ? [connector] : [])));
  const names = [...connectors, ...broken].flatMap(({ id, name }) => (ids.has(id) ? [name] : []));
  return [...new Set(names)].map((name) => plainText(name, 80)).join(", ");
};
