import type { Edit, Node } from "jsonc-parser";
import { jsonText } from "../text/jsonText.ts";
import {
  blankRestEnd,
  commaAfter,
  jsonLine,
  jsonLines,
  layoutOf,
  lineStart,
  matchAt,
  sameLineCommentsEnd,
} from "./layout.ts";

/** One member to write. */
export interface NewMember {
  readonly name: string;
  readonly value: unknown;
}

/** A member as it stands. */
export interface Property {
  readonly name: string;
  /** Name and value. */
  readonly node: Node;
  readonly key: Node;
  readonly value: Node;
}

/** The members of an object, in their order; those that are not complete are left out. */
export const propertiesOf = (object: Node): readonly Property[] =>
  (object.children ?? []).flatMap((node) => {
    const [key, value] = node.children ?? [];
    const name: unknown = key?.value;
    return key === undefined || value === undefined || typeof name !== "string"
      ? []
      : [{ name, node, key, value }];
  });

/** The member that counts: of those with one name, the last. */
export const propertyOf = (object: Node, name: string): Property | undefined =>
  propertiesOf(object).findLast((property) => property.name === name);

export const endOf = ({ offset, length }: Node): number => offset + length;

/**
 * Adds members at the end of an object, laid out as the rest of it is. Nothing that is there is moved or changed, and a
 * comment behind the last member stays beside it.
 */
export const insertMembers = (text: string, object: Node, members: readonly NewMember[]): readonly Edit[] => {
  const last = propertiesOf(object).at(-1);
  if (members.length === 0) return [];
  if (last === undefined) return fillEmpty(text, object, members);
  const end = endOf(last.node);
  const comma = commaAfter(text, end);
  const written = writtenBeside(text, object, last, members);
  if (comma !== undefined) {
    const offset = isOnOneLine(text, object) ? comma + 1 : sameLineCommentsEnd(text, comma + 1);
    return [{ offset, length: 0, content: written }];
  }
  const offset = isOnOneLine(text, object) ? end : sameLineCommentsEnd(text, end);
  if (offset === end) return [{ offset, length: 0, content: `,${written}` }];
  return [
    { offset: end, length: 0, content: "," },
    { offset, length: 0, content: written },
  ];
};

/** Puts members where one stands. */
export const replaceMember = (
  text: string,
  object: Node,
  property: Property,
  members: readonly NewMember[],
): readonly Edit[] => {
  const { offset, length } = property.node;
  const content = writtenBeside(text, object, property, members).trimStart();
  return [{ offset, length, content }];
};

/** Makes members of an object what they have to be: those that stand are replaced, the others are put beside the first. */
export const writeMembers = (text: string, object: Node, members: readonly NewMember[]): readonly Edit[] => {
  const standing = members.flatMap(({ name }) => propertyOf(object, name) ?? []);
  const [first] = standing;
  if (first === undefined) return insertMembers(text, object, members);
  return standing.flatMap((property) => {
    const isNew = ({ name }: NewMember): boolean => !standing.some((each) => each.name === name);
    const written = members.filter(
      (member) => member.name === property.name || (property === first && isNew(member)),
    );
    return replaceMember(text, object, property, written);
  });
};

/** Members as they are written after `sibling`: with what has to stand between the two, but no comma. */
const writtenBeside = (
  text: string,
  object: Node,
  sibling: Property,
  members: readonly NewMember[],
): string => {
  const layout = layoutOf(text);
  if (isOnOneLine(text, object)) {
    const isTight = text[endOf(sibling.key)] === ":" && !/\s/.test(text.charAt(endOf(sibling.key) + 1));
    const write = ({ name, value }: NewMember): string =>
      isTight ? `${JSON.stringify(name)}:${jsonText(value)}` : ` ${JSON.stringify(name)}: ${jsonLine(value)}`;
    return members.map(write).join(",");
  }
  const start = lineStart(text, sibling.node.offset);
  const indentation = start.isFirst
    ? start.indentation
    : `${lineStart(text, object.offset).indentation}${layout.unit}`;
  return lines(members, indentation, layout);
};

const lines = (
  members: readonly NewMember[],
  indentation: string,
  layout: ReturnType<typeof layoutOf>,
): string =>
  members
    .map(({ name, value }) => {
      const written = jsonLines(value, indentation, layout);
      return `${layout.eol}${indentation}${JSON.stringify(name)}: ${written}`;
    })
    .join(",");

/** Comments in an object that has no members stay on top. */
const fillEmpty = (text: string, object: Node, members: readonly NewMember[]): readonly Edit[] => {
  const layout = layoutOf(text);
  const { indentation } = lineStart(text, object.offset);
  const inside = text.slice(object.offset + 1, endOf(object) - 1);
  const offset = object.offset + 1 + inside.trimEnd().length;
  const content = `${lines(members, `${indentation}${layout.unit}`, layout)}${layout.eol}${indentation}`;
  return [{ offset, length: endOf(object) - 1 - offset, content }];
};

const isOnOneLine = (text: string, object: Node): boolean =>
  !/[\r\n]/.test(text.slice(object.offset, endOf(object)));

/** Removes one member with the comma that is then too many. Comments outside it stay. */
export const removeMember = (text: string, object: Node, property: Property): readonly Edit[] => {
  const start = property.node.offset;
  const end = endOf(property.node);
  const comma = commaAfter(text, end);
  if (comma !== undefined) {
    return isBlank(text, end, comma)
      ? [remove(wholeLine(text, start, comma + 1))]
      : [remove({ start, end }), remove({ start: comma, end: comma + 1 })];
  }
  const properties = propertiesOf(object);
  const previous = properties[properties.findIndex(({ node }) => node.offset === start) - 1];
  const before = previous === undefined ? undefined : commaAfter(text, endOf(previous.node));
  if (before === undefined) return [remove(wholeLine(text, start, end))];
  return isBlank(text, before + 1, start)
    ? [remove({ start: before, end })]
    : [remove({ start: before, end: before + 1 }), remove(wholeLine(text, start, end))];
};

interface Range {
  readonly start: number;
  readonly end: number;
}

const remove = ({ start, end }: Range): Edit => ({ offset: start, length: end - start, content: "" });

const isBlank = (text: string, start: number, end: number): boolean => text.slice(start, end).trim() === "";

/** The range with its line, if nothing else is on it; else with the blanks that are then too many. */
const wholeLine = (text: string, start: number, end: number): Range => {
  const line = lineStart(text, start);
  const restEnd = blankRestEnd(text, end);
  if (restEnd === undefined) return { start, end: end + matchAt(/[ \t]*/y, text, end).length };
  if (line.isFirst) return { start: line.offset, end: restEnd };
  return { start: start - (/[ \t]*$/.exec(text.slice(line.offset, start))?.[0].length ?? 0), end };
};
