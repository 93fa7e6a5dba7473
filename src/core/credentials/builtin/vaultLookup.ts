import * as z from "zod";
import { madeHeadersSchema, pointerSchema } from "../declaration.ts";
import { declaredSource, type SourceRow } from "../row.ts";
import { lookupFields, lookupRequest, rulesOfLookup } from "./lookup.ts";

const config = z.object({
  source: z
    .literal("vault-lookup")
    .describe("A vault is asked over HTTP for the token that it keeps for the person."),
  ...lookupFields,
  credential: pointerSchema
    .optional()
    .describe("Where the credential is in the reply; /access_token if absent."),
  expiresIn: pointerSchema.optional().describe("Where its seconds to live are; /expires_in if absent."),
  expiresAt: pointerSchema.optional().describe("Where its end is; /expires_at if absent."),
  headers: madeHeadersSchema
    .optional()
    .describe('The headers made of the reply; { "Authorization": "Bearer {credential}" } if absent.'),
});

/** A vault of the company's own: asked with the user's token, it answers with the connector's. */
export const vaultLookup: SourceRow<typeof config> = declaredSource({
  config,
  declare: (given) => {
    const value = given.credential ?? "/access_token";
    return {
      request: lookupRequest(given),
      credential: {
        value,
        expiresIn: given.expiresIn ?? "/expires_in",
        expiresAt: given.expiresAt ?? "/expires_at",
      },
      ...(given.headers === undefined ? {} : { headers: given.headers }),
      rules: rulesOfLookup(given, value),
    };
  },
  destinations: ({ url }) => [url],
});
