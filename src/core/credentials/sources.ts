import * as z from "zod";

/** `userAuth.credential`, discriminated by `source`. */
export const credentialConfigSchema = z.discriminatedUnion("source", [
  z.object({ source: z.literal("token-exchange"), resource: z.string().optional() }),
  z.object({ source: z.literal("script") }),
]);

export type CredentialConfig = z.infer<typeof credentialConfigSchema>;
