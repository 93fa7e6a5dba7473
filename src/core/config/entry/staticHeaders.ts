import { plainText } from "../../text.ts";
import type { Issue } from "../issues/issue.ts";
import { issues, type Where } from "../issues/issues.ts";
import { spotAt } from "../issues/schemaIssues.ts";
import type { JsonValue, Span } from "../text/json.ts";
import { guardFaults, type GuardedNames, type StaticHeader } from "./guard.ts";
import { isLiteralCredential } from "./headerValue.ts";

/** `Authorization` headers whose value is in the file itself rather than in a variable. */
export const literalTokens = (headers: readonly HeaderAt[], at: (span: Span) => Where): readonly Issue[] =>
  headers.filter(isLiteralToken).map((header) => issues.literalToken(at(header.at)));

export interface HeaderAt extends StaticHeader {
  readonly key: Span;
  readonly at: Span;
}

export const headersOf = (root: JsonValue): readonly HeaderAt[] => {
  const headers = spotAt(root, root, ["headers"]).value;
  if (headers?.kind !== "object") return [];
  return headers.members.map(({ name, key, value }) => ({
    ...{ name, key, at: value },
    value: value.kind === "string" ? value.text : undefined,
  }));
};

/** Whether clients refuse by themselves where the helper gives them nothing. A helper of someone else's is not judged. */
export const guardIssues = (
  headers: readonly HeaderAt[],
  guarded: GuardedNames,
  around: Span,
  at: (span: Span) => Where,
): readonly Issue[] =>
  guardFaults(headers, guarded).flatMap((fault) => {
    switch (fault.kind) {
      case "missing":
        return isLiteralHere(headers, fault.name) ? [] : issues.guardMissing(at(around), fault.name);
      case "wrongCase":
        return issues.guardWrongCase(at(fault.header.key), plainText(fault.header.name, 60), fault.name);
      case "sent":
        return issues.guardSent(at(fault.header.at));
      case "blocks":
        return issues.guardBlocks(at(fault.header.key), plainText(fault.header.name, 60));
    }
  });

/** The credential in the file is the worse of the two, and its removal brings the guard. */
const isLiteralHere = (headers: readonly HeaderAt[], name: string): boolean =>
  name.toLowerCase() === "authorization" && headers.some(isLiteralToken);

const isLiteralToken = ({ name, value }: StaticHeader): boolean =>
  name.toLowerCase() === "authorization" && value !== undefined && isLiteralCredential(value);
