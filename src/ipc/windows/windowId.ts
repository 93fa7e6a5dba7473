import { basename } from "node:path";
import type { EndpointRecord } from "../endpointFile.ts";

/** A window's name among the others: eight digits of its own address, which is random. */
export const idOf = ({ address }: EndpointRecord): string =>
  /([0-9a-f]{8})[0-9a-f]*(?:\.sock)?$/.exec(basename(address.path))?.[1] ?? "00000000";
