/** What the launcher's shell writes of these fields: a line each. */
export const writeFields = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
