import * as z from "zod";
import { lookupRules } from "../reply/commonRules.ts";
import { credentialPlaceSchema, declarationSchema, resourceSchema, ruleSchema } from "../declaration.ts";
import { declaredSource, type SourceRow } from "../row.ts";

const config = declarationSchema.omit({ nodes: true }).extend({
  source: z.literal("custom").describe("Any HTTP request, described in the entry itself."),
  resource: resourceSchema.optional().describe("Fills {resource}; the connector's URL if absent."),
  audience: z.string().optional().describe("Fills {audience}."),
  scopes: z.string().optional().describe("Fills {scopes}."),
  credential: credentialPlaceSchema.prefault({ expiresIn: "/expires_in", expiresAt: "/expires_at" }),
  rules: z.array(ruleSchema).default([]).describe("Read before the rules that every look-up follows."),
});

/** A team's own declaration, with the common rules after its own. */
export const custom: SourceRow<typeof config> = declaredSource({
  config,
  target: ({ resource, audience, scopes }) => ({ resource, audience, scopes }),
  declare: ({
    source: _source,
    resource: _resource,
    audience: _audience,
    scopes: _scopes,
    ...declaration
  }) => ({
    ...declaration,
    rules: [...declaration.rules, ...lookupRules(declaration.credential.value)],
  }),
  destinations: ({ request, connect, deferred }) =>
    [request, connect?.request, deferred?.request].flatMap((asked) => asked?.url ?? []),
});
