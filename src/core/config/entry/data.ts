import type { JsonValue } from "../text/json.ts";

/** What becomes of each text of a value. */
export type StringReader = (string: JsonValue & { readonly kind: "string" }) => string;

export const rawText: StringReader = ({ text }) => text;

/** A value as plain data. */
export const toData = (value: JsonValue, read: StringReader): unknown => {
  switch (value.kind) {
    case "string":
      return read(value);
    case "array":
      return value.items.map((item) => toData(item, read));
    case "object":
      return Object.fromEntries(
        value.members.map((member): readonly [string, unknown] => [member.name, toData(member.value, read)]),
      );
    case "other":
      return value.value;
  }
};
