import * as z from "zod";
import { lookupRules } from "../reply/commonRules.ts";
import {
  jsonTemplateSchema,
  secureUrlSchema,
  urlTemplateSchema,
  type DeclarationInput,
  type JsonTemplate,
  type ReplyRuleInput,
} from "../declaration.ts";

/** What both look-ups are told: where to ask, and where people connect when there is nothing yet. */
export const lookupFields = {
  url: urlTemplateSchema.describe(
    "Where the vault is asked with the user's token as bearer. May hold {subject}, {connector} and {url}.",
  ),
  method: z.enum(["GET", "POST"]).optional().describe("GET if absent, POST with a body."),
  json: jsonTemplateSchema.optional().describe("The JSON body of a POST; its strings may hold {variables}."),
  connectUrl: secureUrlSchema
    .optional()
    .describe("The page on which people connect their account, for a vault that answers 404."),
};

interface Lookup {
  readonly url: string;
  readonly method?: "GET" | "POST" | undefined;
  readonly json?: JsonTemplate | undefined;
  readonly connectUrl?: string | undefined;
}

export const lookupRequest = ({ url, method, json }: Lookup): DeclarationInput["request"] => ({
  method: method ?? (json === undefined ? "GET" : "POST"),
  url,
  ...(json === undefined ? {} : { json }),
});

/** A vault that holds nothing says 404: with a page to connect on, that is not an error. */
export const rulesOfLookup = ({ connectUrl }: Lookup, credential: string): ReplyRuleInput[] => [
  ...(connectUrl === undefined
    ? []
    : [
        {
          when: { status: 404 },
          then: { grant: "needsConnection", url: connectUrl },
        } satisfies ReplyRuleInput,
      ]),
  ...lookupRules(credential),
];
