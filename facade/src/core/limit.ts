import type { Clock } from "../../../src/core/ports.ts";

const mostPeople = 10_000;

/**
 * Lets each person ask so often a minute, a minute's worth at once.
 * @returns the seconds until they may ask again, or undefined where they may now
 */
export const limitOf = (perMinute: number, clock: Clock): ((subject: string) => number | undefined) => {
  const people = new Map<string, { readonly left: number; readonly atMs: number }>();
  return (subject) => {
    const now = clock.now();
    const before = people.get(subject) ?? { left: perMinute, atMs: now };
    const left = Math.min(perMinute, before.left + ((now - before.atMs) / 60_000) * perMinute);
    // The oldest goes: who comes back after so many others has waited long enough.
    const [oldest] = people.keys();
    if (people.size >= mostPeople && oldest !== undefined) people.delete(oldest);
    people.delete(subject);
    people.set(subject, { left: left < 1 ? left : left - 1, atMs: now });
    return left < 1 ? Math.max(1, Math.ceil(((1 - left) / perMinute) * 60)) : undefined;
  };
};
