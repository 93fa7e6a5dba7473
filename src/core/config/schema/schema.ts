import * as z from "zod";
import { credentialConfigSchema } from "../../credentials/sources.ts";
import { checked, signInSchema, transportSchema } from "./signInSchema.ts";
import { serverUrlProblem } from "../issues/urlProblem.ts";

/** The whole of `userAuth`: the sign-in, and the source of the server's own credential. */
export const userAuthSchema = signInSchema
  .extend({
    credential: credentialConfigSchema
      .exactOptional()
      .describe(
        "Where this server's own credential comes from. Without it: the script after `--` in headersHelper, else token exchange (RFC 8693) for the server's URL.",
      ),
  })
  .describe(
    "Sign in once at this identity provider; each server gets its own credential from it. Read by Lanyard. Variables (${VAR}, ${VAR:-default}) are expanded.",
  );

/** One server of `mcpServers` that has `userAuth`. Unknown keys are ignored. */
export const entrySchema = z.object({
  type: transportSchema,
  url: checked(serverUrlProblem).describe(
    "The server's URL: https, or http on this machine. Variables (${VAR}, ${VAR:-default}) are expanded.",
  ),
  headersHelper: z
    .string()
    .exactOptional()
    .describe(
      "The command that prints this server's headers. For Lanyard: lanyard headers, or lanyard headers -- command to let a script of yours make them.",
    ),
  userAuth: userAuthSchema,
});

export type Entry = z.output<typeof entrySchema>;
