import { isToken } from "./headers.ts";
import { registry } from "./registry.ts";

/** Whether a source signs each request, and so needs the bridge. */
export const signsRequests = (source: string): boolean =>
  registry.some(({ config, signs }) => signs && config.shape.source.value === source);

/**
 * The names of the headers that a credential source sets, in the case in which it sets them; undefined where only its
 * answer tells, or where `settings` do not say enough. `settings` may be incomplete.
 */
export const headerNamesOf = (settings: Readonly<Record<string, unknown>>): readonly string[] | undefined => {
  const row = registry.find(({ config }) => config.shape.source.value === settings["source"]);
  const names = row?.headerNames(settings);
  return names?.every(isToken) === true ? names : undefined;
};
