import { join } from "node:path";
import { endpointFileOf, readEndpoint } from "../../src/ipc/endpoint/endpointFile.ts";
import { writeFields } from "../../test/support/fields.ts";
import { fieldsType, plainReplyType } from "../../src/ipc/wire.ts";
import { nameOf, type Stage } from "./stage.ts";

/** The request that the launcher's curl makes, without the programs around it. `index` names the connector. */
export const agentRequest = async (
  stage: Stage,
  command: "headers" | "status",
  index = 0,
): Promise<{ readonly path: string; readonly request: Buffer }> => {
  const reading = await readEndpoint(endpointFileOf(stage.home));
  if (reading.kind !== "record") throw new Error("Nobody answers helpers.");
  const { address, key } = reading.record;
  const body = writeFields({
    ...{ asker: command === "headers" ? "claude" : "person", json: "false", deadlineMs: "8000" },
    cwd: join(stage.folder, "workspace"),
    ...(command === "headers" ? { server: nameOf(index), url: stage.urlOf(index) } : { server: "", url: "" }),
    issuer: "",
  });
  const head = [
    `POST /v1/${command} HTTP/1.1`,
    "Host: lanyard",
    `Authorization: Bearer ${key.reveal()}`,
    `Accept: ${plainReplyType}`,
    `Content-Type: ${fieldsType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ].join("\r\n");
  return { path: address.path, request: Buffer.from(`${head}\r\n\r\n${body}`) };
};
