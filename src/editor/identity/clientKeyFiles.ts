import * as z from "zod";
import { settingHere } from "../configuration/settings.ts";

const clientKeysSchema = z.record(z.string(), z.string()).catch({});

/** `lanyard.clientKeys`: the file of each client key, by the name that entries use. Machine-scoped. */
export const clientKeyFiles = (): Readonly<Record<string, string>> =>
  clientKeysSchema.parse(settingHere("clientKeys"));
