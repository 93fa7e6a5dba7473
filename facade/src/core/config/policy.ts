import * as z from "zod";
import { secureAddress } from "./parts.ts";

const requirement = z
  .strictObject({
    claim: z
      .array(z.string().min(1))
      .min(1)
      .describe('Where the claim stands in the access token, such as ["realm_access", "roles"].'),
    anyOf: z.array(z.string().min(1)).min(1).describe("One of these it has to be, or to hold."),
    reason: z.string().optional().describe("What the person reads who lacks it."),
  })
  .describe("A claim or a group that has to be there.");

const push = z
  .strictObject({
    message: z.string().max(60).describe("What the person reads on the phone; a code is added."),
    validSeconds: z.number().int().min(0).max(86_400).default(300).describe("How long an approval holds."),
    loginHint: z
      .array(z.string().min(1))
      .min(1)
      .default(["sub"])
      .describe("The claim that names the person."),
    scope: z.string().default("openid"),
    acrValues: z.string().optional(),
  })
  .describe("The person approves on another device (CIBA, poll mode), by the identity provider.");

export const policySchema = z.strictObject({
  require: z.array(requirement).default([]),
  acr: z.array(z.string().min(1)).default([]).describe("One of these the sign-in's `acr` has to be."),
  maxAgeSeconds: z.number().int().min(0).optional().describe("The oldest that a sign-in may be."),
  push: push.optional(),
  helpUrl: secureAddress.optional().describe("Where who is refused finds out more."),
});

export type TargetPolicy = z.output<typeof policySchema>;
export type PushPolicy = z.output<typeof push>;
