/** A place in a file: zero-based line and column (UTF-16 units), as editors count. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type IssueCode =
  | "unreadable"
  | "syntax"
  | "wrongType"
  | "missing"
  | "invalidUrl"
  | "insecureUrl"
  | "insecureIssuer"
  /** Its metadata spells it otherwise. */
  | "issuerSpelling"
  | "unsetVariable"
  | "tooLong"
  | "duplicateName"
  | "unknownSource"
  | "literalToken"
  /** Nothing keeps clients from connecting where the helper gives them nothing. */
  | "guardMissing"
  | "guardWrongCase"
  | "guardSent"
  | "guardBlocks"
  | "helperMissing"
  /** Two statements of one entry that exclude each other. */
  | "contradiction"
  | "sourceRefused"
  | "forbidden";

/** What is wrong, where, and what to do about it. `args` fill the places of the English `template`. */
export interface Issue {
  readonly code: IssueCode;
  readonly severity: "error" | "warning";
  readonly template: string;
  readonly args: readonly (string | number)[];
  /** Absent when it is not a file that is wrong (a vault's answer, a setting). */
  readonly place?: Place;
  /** The id of the connector concerned; absent when the whole file is. */
  readonly connector?: string;
}
