import * as z from "zod";
import type { ClientKeyFile } from "../../node/clientKeys.ts";
import { settingHere } from "../configuration/settings.ts";

const clientKeysSchema = z.record(z.string(), z.unknown()).catch({});
const clientKeySchema = z.object({ file: z.string(), issuer: z.string() });

/** `lanyard.clientKeys`: each client key by the name that entries use. Machine-scoped; an entry without an issuer does not count. */
export const clientKeyFiles = (): ReadonlyMap<string, ClientKeyFile> =>
  new Map(
    Object.entries(clientKeysSchema.parse(settingHere("clientKeys"))).flatMap(([name, value]) => {
      const parsed = clientKeySchema.safeParse(value);
      return parsed.success ? [[name, parsed.data] as const] : [];
    }),
  );
