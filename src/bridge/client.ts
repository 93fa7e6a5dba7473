import { fieldsOf } from "./json.ts";
import { errorCodes, errorTo, paramOf, readMessage, type RpcMessage } from "./message.ts";

/** What servers ask clients for. */
const asking: ReadonlySet<string> = new Set(["elicitation", "sampling", "roots"]);
/** What nobody wants anything of a person for. */
const unasked = /^(?:initialize|ping|notifications\/.*|.*\/(?:list|listen|discover))$/;

/** Whether whoever has to approve it may be asked for this one. */
export const isAskedFor = ({ method = "" }: RpcMessage): boolean => !unasked.test(method);

/** What the client can do, by its own word. */
export class ClientSide {
  #declared: Readonly<Record<string, unknown>> = {};

  /** Hears every request; the first says it. */
  hear(message: RpcMessage): void {
    if (message.method === "initialize") this.#declared = fieldsOf(paramOf(message, "capabilities"));
  }

  /** It shows its person pages, and said so. */
  get opensPages(): boolean {
    return "url" in fieldsOf(this.#declared["elicitation"]);
  }

  /** The answer to what the client has not declared, which it may leave unanswered for ever. */
  refusalOf({ kind, id, method }: RpcMessage): RpcMessage | undefined {
    const [capability = ""] = method?.split("/") ?? [];
    if (kind !== "request" || id === undefined || !asking.has(capability) || capability in this.#declared)
      return undefined;
    return readMessage(errorTo(id, errorCodes.methodNotFound, "Not supported by the client"));
  }
}
