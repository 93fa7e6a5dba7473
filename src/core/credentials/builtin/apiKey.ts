import * as z from "zod";
import { pointerSchema } from "../declaration.ts";
import { allowedName } from "../headers.ts";
import { declaredSource, type SourceRow } from "../row.ts";
import { literal } from "../request/template.ts";
import { lookupFields, lookupRequest, rulesOfLookup } from "./lookup.ts";

const usualHeader = "X-API-Key";

const config = z.object({
  source: z.literal("api-key").describe("A vault hands out an API key, which goes into any header."),
  ...lookupFields,
  key: pointerSchema.optional().describe("Where the key is in the reply; /api_key if absent."),
  header: z
    .string()
    .refine(allowedName, { error: "Not the name of a header that a credential may be put into." })
    .optional()
    .describe("The header that carries the key; X-API-Key if absent."),
  prefix: z.string().optional().describe('What comes before the key in the header, such as "Token ".'),
});

/** A key that the vault keeps for the user or the team, put into any header. */
export const apiKey: SourceRow<typeof config> = declaredSource({
  config,
  declare: (given) => {
    const value = given.key ?? "/api_key";
    return {
      request: lookupRequest(given),
      credential: { value, expiresIn: "/expires_in", expiresAt: "/expires_at" },
      headers: { [given.header ?? usualHeader]: `${literal(given.prefix ?? "")}{credential}` },
      rules: rulesOfLookup(given, value),
    };
  },
  destinations: ({ url }) => [url],
  headerNames: ({ header }) => [typeof header === "string" ? header : usualHeader],
});
