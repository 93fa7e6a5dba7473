import type * as z from "zod";
import { plainText } from "../../core/text.ts";
import type { CommandReply } from "../api/protocol.ts";

/** Why a request that was understood has no answer of its own. */
export type Unfinished = "overdue" | "closing" | "failed";

/** A request whose body fits its message. */
export interface ReadyRequest {
  readonly kind: "ready";
  readonly deadlineMs: number;
  /** It mostly waits: it takes no place among those in work. */
  readonly isHeld: boolean;
  /** `leftMs` is how long an answer is still of use; the signal fires then, or when nobody listens any more. */
  run(leftMs: number, signal: AbortSignal): Promise<CommandReply>;
  unfinished(why: Unfinished): CommandReply;
}

export type Prepared = ReadyRequest | { readonly kind: "malformed"; readonly message: string };

/** One thing that can be asked: checks the body, and knows how to answer, also when the answer does not come. */
export type Route = (body: unknown) => Prepared;

/** Finds the route of a path. */
export type Router = (path: string) => Route | undefined;

interface Handlers<T> {
  run(input: T, leftMs: number, signal: AbortSignal): Promise<CommandReply>;
  unfinished(input: T, why: Unfinished): CommandReply;
}

export const route =
  <T extends { readonly deadlineMs: number }>(
    schema: z.ZodType<T>,
    handlers: Handlers<T>,
    { isHeld = false }: { readonly isHeld?: boolean } = {},
  ): Route =>
  (body) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) return { kind: "malformed", message: whatIsWrong(parsed.error) };
    const input = parsed.data;
    return {
      kind: "ready",
      ...{ deadlineMs: input.deadlineMs, isHeld },
      run: (leftMs, signal) => handlers.run(input, leftMs, signal),
      unfinished: (why) => handlers.unfinished(input, why),
    };
  };

/** The first problem, by the name of its field: never by the value, which may be secret. */
const whatIsWrong = (error: z.ZodError): string => {
  const [first] = error.issues;
  const field = plainText(first?.path.join(".") ?? "", 60);
  return field === "" ? "The request is not an object of fields." : `The field "${field}" is not valid.`;
};
