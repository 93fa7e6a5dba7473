/** Everything that the editor was given to show, in the order in which it came. */
export const shownTexts: string[] = [];

export const show = (value: unknown): void => {
  if (typeof value === "string") shownTexts.push(value);
  else if (Array.isArray(value)) value.forEach(show);
};

/** An icon is ours, and stands before the words. */
export const withoutIcon = (text: string): string => text.replace(/^\$\([a-z~-]+\) /, "");

/** Tells what its properties are set to, except those that nobody reads. */
export const told = <T extends object>(target: T): T =>
  new Proxy(target, {
    // Methods reach for private members, which the object itself has.
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      return typeof value === "function" ? (value.bind(object) as unknown) : value;
    },
    set: (object, name, value: unknown) => {
      if (typeof value === "string" && name !== "command" && name !== "id") show(withoutIcon(value));
      if (name === "items" && Array.isArray(value)) value.forEach(showRow);
      return Reflect.set(object, name, value);
    },
  });

export const showRow = (row: unknown): void => {
  if (typeof row !== "object" || row === null) return;
  const words: Readonly<Record<string, unknown>> = { ...row };
  show([words["label"], words["description"], words["detail"]]);
};
