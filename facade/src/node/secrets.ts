import { readFile } from "node:fs/promises";
import { Secret } from "../../../src/core/secret.ts";
import type { SecretPlace } from "../core/config/parts.ts";

/** A secret that is not where the configuration says. The message names the place, which is no secret. */
export class SecretMissing extends Error {}

/** Reads a secret from its file or variable, anew each time: a file that is replaced counts from the next question. */
export const readSecret = async (place: SecretPlace): Promise<Secret> => {
  if ("variable" in place) {
    const value = process.env[place.variable] ?? "";
    if (value === "") throw new SecretMissing(`The variable ${place.variable} is not set.`);
    return new Secret(value);
  }
  const text = await readFile(place.file, "utf8").catch((error: unknown) => {
    throw new SecretMissing(`The file ${place.file} cannot be read.`, { cause: error });
  });
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new SecretMissing(`The file ${place.file} is empty.`);
  return new Secret(value);
};
