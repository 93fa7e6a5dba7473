import type { Family } from "../row.ts";
import { crowdFamily, helperFamily } from "./helper.ts";

/** In the order of the table. */
export const families: readonly Family[] = [helperFamily, crowdFamily];
