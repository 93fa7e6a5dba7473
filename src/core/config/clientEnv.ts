import * as z from "zod";
import type { Env } from "./entry/expand.ts";

const settingsSchema = z.object({ env: z.record(z.string(), z.unknown()) });

/**
 * The environment that Claude Code expands `${…}` by: the `env` of its settings (their texts, the strongest first), and
 * then its own.
 */
export const clientEnv = (settings: readonly string[], env: Env): Env => {
  const set = new Map(settings.toReversed().flatMap(envOf));
  return (name) => set.get(name) ?? env(name);
};

const envOf = (text: string): readonly (readonly [string, string])[] => {
  const parsed = settingsSchema.safeParse(jsonOf(text));
  if (!parsed.success) return [];
  return Object.entries(parsed.data.env).map(([name, value]) => [name, inText(value)]);
};

/** As JavaScript makes text of it, which the client does. */
const inText = (value: unknown): string => String(value);

/** Settings that are no JSON set nothing for Claude Code either. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
};
