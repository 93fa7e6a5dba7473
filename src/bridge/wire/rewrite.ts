import type { Members } from "./json.ts";
import { partsOf, readMessage, type RpcMessage } from "./message.ts";

/** Members by name as JSON; what is undefined is taken away. Everything else stays as it is written. */
export type NewMembers = Readonly<Record<string, string | Buffer | undefined>>;

/** The object that has these members, changed. */
const withMembers = (bytes: Buffer, members: Members, changes: NewMembers): Buffer => {
  const kept = [...members].filter(([name]) => !(name in changes));
  const parts: (readonly [string, string | Buffer])[] = [
    ...kept.map(([name, { start, end }]) => [name, bytes.subarray(start, end)] as const),
    ...Object.entries(changes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  ];
  const pieces = parts.flatMap(([name, value], index) => [
    Buffer.from(`${index === 0 ? "" : ","}${JSON.stringify(name)}:`),
    typeof value === "string" ? Buffer.from(value) : value,
  ]);
  return Buffer.concat([Buffer.from("{"), ...pieces, Buffer.from("}")]);
};

/** The same request or notification with other `params`. */
export const withParams = (message: RpcMessage, changes: NewMembers): RpcMessage => {
  const params = withMembers(message.bytes, partsOf(message), changes);
  return changed(message, { params });
};

/** The same message by another id, as JSON. */
export const withId = (message: RpcMessage, id: string): RpcMessage =>
  message.id === id ? message : changed(message, { id });

const changed = (message: RpcMessage, changes: NewMembers): RpcMessage => {
  const read = readMessage(withMembers(message.bytes, message.members, changes));
  if (read === undefined) throw new Error("What is no message was put into one.");
  return read;
};
