import type * as z from "zod";
import type { issueSchema, placeSchema } from "./issueSchema.ts";

/** A place in a file: zero-based line and column (UTF-16 units), as editors count. */
export type Place = z.infer<typeof placeSchema>;

/** What is wrong, where, and what to do about it. `args` fill the places of the English `template`. */
export type Issue = z.infer<typeof issueSchema>;

export type IssueCode = Issue["code"];
