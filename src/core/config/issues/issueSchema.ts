import * as z from "zod";

/** More than anybody writes into a file's name, an entry or a sentence. */
const text = z.string().max(16_384);

/** A place in a file: zero-based line and column (UTF-16 units), as editors count. */
export const placeSchema = z
  .object({
    file: text,
    line: z.number(),
    column: z.number(),
    endLine: z.number(),
    endColumn: z.number(),
  })
  .readonly();

const issueCodes = [
  "unreadable",
  "syntax",
  "wrongType",
  "missing",
  "invalidUrl",
  "insecureUrl",
  "insecureIssuer",
  /** Its metadata spells it otherwise. */
  "issuerSpelling",
  "unsetVariable",
  "tooLong",
  "duplicateName",
  "unknownSource",
  "literalToken",
  /** Nothing keeps clients from connecting where the helper gives them nothing. */
  "guardMissing",
  "guardWrongCase",
  "guardSent",
  "guardBlocks",
  "helperMissing",
  /** Another system's shell could start it. */
  "helperElsewhere",
  /** Two statements of one entry that exclude each other. */
  "contradiction",
  "sourceRefused",
  "forbidden",
] as const;

/** What is wrong, where, and what to do about it. `args` fill the places of the English `template`. */
export const issueSchema = z
  .object({
    code: z.enum(issueCodes),
    severity: z.enum(["error", "warning"]),
    template: text,
    args: z.array(z.union([text, z.number()])).readonly(),
    /** Absent when it is not a file that is wrong (a vault's answer, a setting). */
    place: placeSchema.exactOptional(),
    /** The id of the connector concerned; absent when the whole file is. */
    connector: text.exactOptional(),
  })
  .readonly();
