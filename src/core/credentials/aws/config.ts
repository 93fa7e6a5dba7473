import * as z from "zod";
import { secureUrlSchema } from "../declaration.ts";

/** What the entry says of its role. */
export const awsConfigSchema = z.object({
  source: z
    .literal("aws-sts")
    .describe("A role in AWS: each request is signed (SigV4). Through the bridge only."),
  role: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "Not the ARN of a role in IAM.")
    .describe("The ARN of the role, such as arn:aws:iam::123456789012:role/developer."),
  region: z
    .string()
    .regex(/^[a-z]{2,}(?:-[a-z]+)+-\d+$/, "Not a region of AWS, such as eu-central-1.")
    .optional()
    .describe("The connector's region; where its host tells, that one if absent."),
  service: z
    .string()
    .regex(/^[a-z0-9-]+$/, "Not a service's signing name, such as execute-api.")
    .optional()
    .describe("The signing name of the connector's service; where its host tells, that one if absent."),
  durationSeconds: z
    .number()
    .int()
    .min(900)
    .max(43_200)
    .optional()
    .describe("How long the role's key lives; an hour if absent."),
  policy: z
    .record(z.string(), z.json())
    .optional()
    .describe("A session policy: what of the role's rights is left."),
  subjectToken: z
    .enum(["id_token", "access_token"])
    .optional()
    .describe("Which of the user's tokens is sent; the ID token if absent."),
  endpoint: secureUrlSchema.optional().describe("Where AWS STS is; that of the region if absent."),
});

export type AwsConfig = z.output<typeof awsConfigSchema>;
