/** A JSON Pointer (RFC 6901): empty for the whole document, else `/` before every reference token. */
export const pointerPattern = /^(?:\/(?:[^~/]|~[01])*)*$/;

const arrayIndex = /^(?:0|[1-9]\d*)$/;

/** The value a pointer leads to; `undefined` where it leads nowhere. Only own members are seen. */
export const resolvePointer = (document: unknown, pointer: string): unknown => {
  if (pointer === "") return document;
  let value: unknown = document;
  for (const escaped of pointer.slice(1).split("/")) {
    const reference = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    value = member(value, reference);
    if (value === undefined) return undefined;
  }
  return value;
};

const member = (value: unknown, reference: string): unknown => {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return arrayIndex.test(reference) ? items[Number(reference)] : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, reference)?.value;
};
