const hidden = "[secret]";

/** A value that must never be seen by accident: every way of printing it yields `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Each call site is a place where a reviewer looks. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [Symbol.toPrimitive](): string {
    return hidden;
  }

  /** What Node's console and `util.inspect` print. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return hidden;
  }
}
