import * as z from "zod";
import { registry } from "./registry.ts";

const [first, ...others] = registry;

/** `userAuth.credential`, discriminated by `source`: one option for each row of the registry. */
export const credentialConfigSchema = z.discriminatedUnion("source", [
  first.config,
  ...others.map((row) => row.config),
]);
