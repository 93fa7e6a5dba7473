import { eachMember, wholeOf, type ByteSpan } from "../wire/json.ts";
import type { RpcMessage } from "../wire/message.ts";

/**
 * Whether a server may read another call in a message than the bridge does: one that takes the first of two members of a
 * name, or heeds no case (Go's `encoding/json` takes `Method` and `param\u017f`).
 */
export const hasTwin = ({ bytes, members }: RpcMessage): boolean => {
  const params = members.get("params");
  return (
    isUnclear(bytes, wholeOf(bytes), /^(?:method|params)$/iu) ||
    (params !== undefined && isUnclear(bytes, params, /^name$/iu))
  );
};

const isUnclear = (bytes: Buffer, span: ByteSpan, read: RegExp): boolean => {
  const alike: string[] = [];
  eachMember(bytes, span, (name) => {
    if (read.test(name)) alike.push(name);
  });
  return new Set(alike).size < alike.length || alike.some((name) => !/^[a-z]+$/.test(name));
};
