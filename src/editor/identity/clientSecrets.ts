import * as z from "zod";
import { expand } from "../../core/config/entry/expand.ts";
import type { SignInRequest } from "../../core/identity/session.ts";
import { Secret } from "../../core/secret.ts";
import { settingHere } from "../configuration/settings.ts";

const clientSecretsSchema = z.record(z.string(), z.unknown()).catch({});
const clientSecretSchema = z.object({ issuer: z.string(), secret: z.string() });

/** The client's secret: by `lanyard.clientSecrets`, which is machine-scoped, else by the variable that the entry names. */
export const clientSecretFor = ({
  issuer,
  clientId,
  clientSecret,
}: Pick<SignInRequest, "issuer" | "clientId" | "clientSecret">): Secret | undefined => {
  const set = new Map(Object.entries(clientSecretsSchema.parse(settingHere("clientSecrets")))).get(clientId);
  const parsed = clientSecretSchema.safeParse(set);
  const written = parsed.success && parsed.data.issuer === issuer ? parsed.data.secret : clientSecret;
  if (written === undefined) return undefined;
  const { text, unresolved } = expand(written, (name) => process.env[name]);
  return unresolved.length > 0 || text === "" ? undefined : new Secret(text);
};
