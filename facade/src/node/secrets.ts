import { readFile } from "node:fs/promises";
import { LanyardError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { SecretPlace } from "../core/config/parts.ts";

/**
 * Reads a secret from its file or variable, anew each time: a file that is replaced counts from the next question.
 * @throws LanyardError `storageFailed` where it is not there; the message names the place, which is no secret
 */
export const readSecret = async (place: SecretPlace): Promise<Secret> => {
  if ("variable" in place) {
    const value = process.env[place.variable] ?? "";
    if (value === "") throw new LanyardError("storageFailed", `The variable ${place.variable} is not set.`);
    return new Secret(value);
  }
  const text = await readFile(place.file, "utf8").catch((error: unknown) => {
    throw new LanyardError("storageFailed", `The file ${place.file} cannot be read.`, { cause: error });
  });
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new LanyardError("storageFailed", `The file ${place.file} is empty.`);
  return new Secret(value);
};
