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

/** `userAuth` of a server that clients start as a command: what the command connects to stands in it, out of their sight. */
const bridgedAuthSchema = userAuthSchema.extend({
  url: checked(serverUrlProblem).describe(
    "Only beside command: the URL that lanyard bridge connects to, https, or http on this machine. Not beside it as url: some clients would go there without a credential.",
  ),
});

/** One server of `mcpServers` that starts `lanyard bridge`. Read as what it stands for: a server at a URL. */
export const bridgeEntrySchema = z
  .object({
    command: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).exactOptional(),
    userAuth: bridgedAuthSchema,
  })
  .transform(({ userAuth: { url, ...userAuth }, ...start }) => ({
    ...{ type: "http" as const, url, userAuth, start },
  }));

/** Of a bridge's URL, for completion: `userAuth` of both kinds of server in one. */
export const bridgedUrlSchema = bridgedAuthSchema.pick({ url: true });

export type Entry = z.output<typeof entrySchema> & Partial<Pick<z.output<typeof bridgeEntrySchema>, "start">>;
