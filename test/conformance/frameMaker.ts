/** Messages that say the same thing in the oddest ways that JSON has. */
export class FrameMaker {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A request and its answer, as they are to come through. */
  pair(index: number): { readonly id: string; readonly request: string; readonly answer: string } {
    const id = `f-${index}`;
    const [asked, answered] = [this.#text(id), this.#text(id)];
    const request = this.#object([
      ['"jsonrpc"', '"2.0"'],
      ['"id"', asked],
      ['"method"', this.#text(`vendor/${index % 7}`)],
      ['"params"', this.#container(0)],
      ['"x-unknown"', this.#value(2)],
    ]);
    const outcome = this.#below(5) === 0 ? '"error"' : '"result"';
    const answer = this.#object([
      ['"jsonrpc"', '"2.0"'],
      ['"id"', answered],
      [
        outcome,
        outcome === '"error"' ? `{"code":-32042,"message":"no","data":${this.#value(1)}}` : this.#value(0),
      ],
      ['"x"', this.#value(3)],
    ]);
    return { id, request, answer };
  }

  /** Numerical Recipes' generator: the same frames for the same seed. */
  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  #one(values: readonly string[]): string {
    return values[this.#below(values.length)] ?? "";
  }

  #blank(): string {
    return this.#one(["", "", "", " ", "\t", "  "]);
  }

  #object(members: readonly (readonly [string, string])[]): string {
    const shuffled = members
      .map((member) => ({ member, rank: this.#below(1_000) }))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ member: [name, value] }) => `${this.#blank()}${name}${this.#blank()}:${this.#blank()}${value}`);
    return `{${shuffled.join(",")}${this.#blank()}}`;
  }

  #value(depth: number): string {
    const kind = this.#below(depth > 4 ? 3 : 5);
    if (kind === 0) return this.#one(["true", "false", "null"]);
    if (kind === 1)
      return this.#one([
        "0",
        "-0",
        "1.0",
        "1e2",
        "12345678901234567890",
        "-1.50e-7",
        "0.10",
        "9007199254740993",
      ]);
    return kind === 2 ? this.#text(this.#words()) : this.#container(depth);
  }

  #container(depth: number): string {
    const count = this.#below(4);
    if (depth > 0 && this.#below(2) === 0)
      return `[${Array.from({ length: count }, () => `${this.#blank()}${this.#value(depth + 1)}`).join(",")}]`;
    // The same name may come twice.
    return this.#object(
      Array.from({ length: count }, () => [
        this.#text(this.#one(["a", "b", "ü", ""])),
        this.#value(depth + 1),
      ]),
    );
  }

  #words(): string {
    const parts = [
      "a",
      " ",
      "ü",
      "🥊",
      "\u2028",
      '"',
      "\\",
      "/",
      "\n",
      "\u0000",
      "data: ",
      "\u00e9",
      "{",
      "]",
      ",",
    ];
    return Array.from({ length: this.#below(12) }, () => this.#one(parts)).join("");
  }

  /** In one of the ways to write it. */
  #text(value: string): string {
    const how = this.#below(3);
    if (how === 0) return JSON.stringify(value);
    const units = Array.from({ length: value.length }, (_each, index) => {
      const unit = value.charCodeAt(index);
      const isPlain = unit >= 0x20 && unit < 0x7f && unit !== 0x22 && unit !== 0x5c;
      if (isPlain && (how === 1 || this.#below(3) > 0))
        return unit === 0x2f && how === 2 ? "\\/" : value.charAt(index);
      const hex = unit.toString(16).padStart(4, "0");
      return `\\u${this.#below(2) === 0 ? hex : hex.toUpperCase()}`;
    });
    return `"${units.join("")}"`;
  }
}
