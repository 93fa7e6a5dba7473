/** What a client asks of its model, whatever it speaks. */
export interface Asked {
  /** What the person said last. */
  readonly said: string;
  /** What the tool answered that was called last, as the model reads it. */
  readonly toolResult: string | undefined;
  readonly tools: readonly Tool[];
  readonly model: string;
  readonly isStreamed: boolean;
}

export interface Tool {
  readonly name: string;
  /** Where a client keeps its servers' tools apart by more than their names. */
  readonly namespace?: string;
}

/** What a model says: words, or a call. */
export type Said =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "call"; readonly id: string; readonly tool: Tool; readonly input: unknown };

/** What a model's API says in one of its events. */
export interface ServerEvent {
  readonly type?: string;
  readonly data: object;
}

/** One vendor's API. */
export interface Dialect {
  /** By the path of the URL. */
  readonly answers: (path: string) => boolean;
  readonly read: (body: unknown, path: string) => Asked;
  readonly whole: (said: Said, asked: Asked, id: string) => object;
  readonly events: (said: Said, asked: Asked, id: string) => readonly ServerEvent[];
}

/** What is said in several pieces. */
export const joined = (texts: readonly (string | undefined)[]): string =>
  texts.filter((text) => text !== undefined).join("\n");
