/** Reads an event stream piece by piece (HTML standard, "Interpreting an event stream"): the data of each event. */
export class EventReader {
  #line = "";
  #data: string[] = [];
  #isStart = true;
  /** A `\r` ends a line at once; the `\n` that may follow it belongs to it. */
  #endedWithReturn = false;

  /** Takes the next piece of the text, and gives the data of the events that it completes. */
  read(piece: string): readonly string[] {
    const text = this.#endedWithReturn && piece.startsWith("\n") ? piece.slice(1) : piece;
    if (piece !== "") this.#endedWithReturn = piece.endsWith("\r");
    const lines = `${this.#line}${text}`.split(/\r\n|\r|\n/);
    this.#line = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line));
  }

  #take(raw: string): readonly string[] {
    const line = this.#isStart && raw.startsWith("\ufeff") ? raw.slice(1) : raw;
    this.#isStart = false;
    if (line === "") return this.#dispatch();
    const [, value] = /^data(?:: ?(.*))?$/s.exec(line) ?? [];
    if (/^data(?::|$)/.test(line)) this.#data.push(value ?? "");
    return [];
  }

  #dispatch(): readonly string[] {
    if (this.#data.length === 0) return [];
    const data = this.#data.join("\n");
    this.#data = [];
    return [data];
  }
}

/** The data of every event that is complete in a text. */
export const eventsIn = (text: string): readonly string[] => new EventReader().read(text);

/** Passes an event stream on up to the end of the first event whose data is wanted, and then ends it. */
export const endAfter = (isWanted: (data: string) => boolean): TransformStream<Uint8Array, Uint8Array> => {
  const reader = new EventReader();
  const decoder = new TextDecoder();
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      if (reader.read(decoder.decode(chunk, { stream: true })).some(isWanted)) controller.terminate();
    },
  });
};
