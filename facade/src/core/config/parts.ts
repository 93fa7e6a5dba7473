import * as z from "zod";
import { isSecureUrl } from "../../../../src/core/urls.ts";

/** Where a secret is; never the secret itself. It is read anew each time, so that it can be replaced without an end. */
export const secretPlace = z
  .union([
    z.strictObject({ file: z.string().min(1) }).describe("A file that holds the secret and nothing else."),
    z.strictObject({ variable: z.string().min(1) }).describe("A variable of the environment."),
  ])
  .describe("Where the secret is: never the secret itself.");
export type SecretPlace = z.output<typeof secretPlace>;

const isSecure = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && isSecureUrl(url);
};

/** An https address, or http on this machine. */
export const secureAddress = z
  .string()
  .refine(isSecure, "Write an https address (http only on this machine), without a user name.")
  .meta({ format: "uri" });

/** How a confidential client of a vault names itself. */
export const vaultClient = {
  clientId: z.string().min(1).describe("The facade's own client there."),
  clientSecret: secretPlace,
  clientAuth: z
    .enum(["basic", "post"])
    .default("basic")
    .describe("How the secret is sent: client_secret_basic or client_secret_post."),
};

/** An address of the facade itself, as callers write it, whatever proxy a request comes through. */
export const facadeAddress = ({ url }: { readonly url: string }, path: string): string =>
  `${url.replace(/\/$/, "")}${path}`;
