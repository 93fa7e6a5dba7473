/** One thing that happens, after a pause. `pick` says to which of those that are there. */
export type Deed = { readonly afterMs: number; readonly pick: number } & (
  | { readonly kind: "open" | "close" | "kill" | "jump" | "disk" }
  | { readonly kind: "storage"; readonly does: "work" | "silent" | "refuse" }
  | {
      readonly kind: "network";
      readonly what: "none" | "idp" | "vault" | "both";
      readonly how: "refuse" | "unavailable";
    }
);

/** Numbers from 0 up to 1 that a seed decides: mulberry32. */
const randomBy = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const longestPauseMs = 2500;

/** Faults that heal again stand here twice or more: once to come, once to go. */
const kinds = [
  ...(["open", "open", "open", "close", "kill", "kill"] as const),
  ...(["storage", "storage", "storage", "network", "network", "network"] as const),
  ...(["jump", "jump", "disk", "disk"] as const),
];

/** What happens, without end. The same seed is the same plan. */
export function* planOf(seed: number): Generator<Deed, never> {
  const random = randomBy(seed);
  const oneOf = <T>(all: readonly [T, ...T[]]): T => all[Math.floor(random() * all.length)] ?? all[0];
  for (;;) {
    const base = { afterMs: Math.round(200 + random() * longestPauseMs), pick: Math.floor(random() * 1000) };
    const kind = kinds[Math.floor(random() * kinds.length)] ?? "open";
    if (kind === "storage") yield { ...base, kind, does: oneOf(["work", "work", "silent", "refuse"]) };
    else if (kind === "network") {
      const what = oneOf(["none", "none", "idp", "vault", "both"] as const);
      yield { ...base, kind, what, how: oneOf(["refuse", "unavailable"] as const) };
    } else yield { ...base, kind };
  }
}
