import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  insertMembers,
  propertiesOf,
  removeMember,
  replaceMember,
} from "../../../../../src/core/config/edits/members.ts";
import { applied, commentsOf, rootOf, someObject, valueOf, written } from "./support.ts";

const insert = (text: string, ...members: readonly { name: string; value: unknown }[]): string =>
  applied(text, insertMembers(text, rootOf(text), members));

const remove = (text: string, name: string): string => {
  const property = propertiesOf(rootOf(text)).find((each) => each.name === name);
  if (property === undefined) throw new Error(`No ${name}`);
  return applied(text, removeMember(text, rootOf(text), property));
};

describe("a member is added", () => {
  const added = { name: "b", value: { c: 1 } };
  test.each([
    ["to an empty object", `{}`, `{\n  "b": {\n    "c": 1\n  }\n}`],
    ["under a comment", `{\n  // why\n}`, `{\n  // why\n  "b": {\n    "c": 1\n  }\n}`],
    ["as the others are indented", `{\n\t"a": 0\n}`, `{\n\t"a": 0,\n\t"b": {\n\t\t"c": 1\n\t}\n}`],
    ["with the file's line ends", `{\r\n "a": 0\r\n}`, `{\r\n "a": 0,\r\n "b": {\r\n  "c": 1\r\n }\r\n}`],
    ["on the object's one line", `{ "a": 0 }`, `{ "a": 0, "b": { "c": 1 } }`],
    ["as tight as the others", `{"a":0}`, `{"a":0,"b":{"c":1}}`],
    [
      "after the comment behind the last one",
      `{\n  "a": 0 // why\n  // end\n}`,
      `{\n  "a": 0, // why\n  "b": {\n    "c": 1\n  }\n  // end\n}`,
    ],
    [
      "after a comma that is too many",
      `{\n  "a": 0, // why\n}`,
      `{\n  "a": 0, // why\n  "b": {\n    "c": 1\n  }\n}`,
    ],
    ["before a brace on the same line", `{\n  "a": 0 }`, `{\n  "a": 0,\n  "b": {\n    "c": 1\n  } }`],
  ])("%s", (_, text, expected) => {
    expect(insert(text, added)).toBe(expected);
  });

  test("whatever the file looks like, the rest and every comment stay", () => {
    fc.assert(
      fc.property(
        someObject.chain((value) => fc.tuple(fc.constant(value), written(value))),
        fc.array(fc.string(), { maxLength: 2 }),
        ([value, text], list) => {
          const result = insert(text, { name: "added", value: { list } }, { name: "more", value: 1 });
          expect(valueOf(result)).toEqual({ ...value, added: { list }, more: 1 });
          expect(commentsOf(result)).toEqual(commentsOf(text));
        },
      ),
    );
  });
});

describe("a member is removed", () => {
  test.each([
    ["with its line", `{\n  "a": 0,\n  "b": 1,\n  "c": 2\n}`, `{\n  "a": 0,\n  "c": 2\n}`],
    ["with the comma before, where it is the last", `{\n  "a": 0,\n  "b": 1\n}`, `{\n  "a": 0\n}`],
    ["from one line", `{ "a": 0, "b": 1, "c": 2 }`, `{ "a": 0, "c": 2 }`],
    ["from the end of one line", `{ "a": 0, "b": 1 }`, `{ "a": 0 }`],
    ["alone in its object", `{\n  "b": 1\n}`, `{\n}`],
    [
      "and comments around it stay",
      `{\n  "a": 0, // one\n  // two\n  "b": 1 // three\n}`,
      `{\n  "a": 0 // one\n  // two\n  // three\n}`,
    ],
    [
      "and a line that it shares keeps the others",
      `{\n  "a": 0, "b": 1,\n  "c": 2\n}`,
      `{\n  "a": 0,\n  "c": 2\n}`,
    ],
  ])("%s", (_, text, expected) => {
    expect(remove(text, "b")).toBe(expected);
  });

  test("whatever the file looks like, the rest and every comment outside it stay", () => {
    fc.assert(
      fc.property(
        someObject
          .filter((value) => Object.keys(value).length > 0)
          .chain((value) => fc.tuple(fc.constant(value), written(value), fc.nat())),
        ([value, text, pick]) => {
          const properties = propertiesOf(rootOf(text));
          const property = properties[pick % properties.length];
          if (property === undefined) throw new Error("No member");
          const { [property.name]: _removed, ...rest } = value;
          const result = applied(text, removeMember(text, rootOf(text), property));
          expect(valueOf(result)).toEqual(rest);
          const own = commentsOf(
            text.slice(property.node.offset, property.node.offset + property.node.length),
          );
          expect(commentsOf(result)).toHaveLength(commentsOf(text).length - own.length);
        },
      ),
    );
  });
});

test("members take the place of another", () => {
  const text = `{\n  "a": 0,\n  "b": 1, // why\n  "c": 2\n}`;
  const [, b] = propertiesOf(rootOf(text));
  if (b === undefined) throw new Error("No member");
  const members = [
    { name: "d", value: {} },
    { name: "e", value: "f" },
  ];
  expect(applied(text, replaceMember(text, rootOf(text), b, members))).toBe(
    `{\n  "a": 0,\n  "d": {},\n  "e": "f", // why\n  "c": 2\n}`,
  );
});
