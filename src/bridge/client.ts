import { fieldsOf } from "./wire/json.ts";
import { errorCodes, errorTo, paramOf, readMessage, type RpcMessage } from "./wire/message.ts";
import { isModern, metaNames, metaOf } from "./modern/modern.ts";

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

  /** It shows its person pages, and said so: once, or in this very request. */
  opensPagesFor(message: RpcMessage): boolean {
    const declared = isModern(message) ? fieldsOf(metaOf(message)[metaNames.capabilities]) : this.#declared;
    return "url" in fieldsOf(declared["elicitation"]);
  }

  /** What a client has not declared it may leave unanswered for ever. */
  answers(method: string): boolean {
    const [capability = ""] = method.split("/");
    return !asking.has(capability) || capability in this.#declared;
  }

  /** The answer in the client's place to what it would not answer. */
  refusalOf({ kind, id, method = "" }: RpcMessage): RpcMessage | undefined {
    if (kind !== "request" || id === undefined || this.answers(method)) return undefined;
    return readMessage(errorTo(id, errorCodes.methodNotFound, "Not supported by the client"));
  }
}
