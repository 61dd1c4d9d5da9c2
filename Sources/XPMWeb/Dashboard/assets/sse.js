// The text/event-stream format, as a value: bytes in, events out. The specification is HTML's, "Parsing an event stream".

/** Most characters of one event that are kept: what is longer ends the stream. */
const LIMIT = 32 * 1024 * 1024;

export class EventParser {
  #decoder = new TextDecoder();
  #rest = "";
  #data = [];
  #size = 0;
  #type = "";
  /** The id of the last event: what to resume from. */
  lastId = "";

  /** The events that these bytes complete, each `{type, data, id}`. */
  push(bytes) {
    const events = [];
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    // A CR at the end may be half of a CRLF.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    let from = 0;
    for (;;) {
      const at = nextBreak(text, from, end);
      if (at < 0) break;
      const event = this.#line(text.slice(from, at));
      if (event) events.push(event);
      from = text[at] === "\r" && text[at + 1] === "\n" ? at + 2 : at + 1;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length + this.#size > LIMIT) throw new Error("an event is too long");
    return events;
  }

  #line(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") {
      this.#data.push(value);
      this.#size += value.length;
    } else if (field === "event") {
      this.#type = value;
    } else if (field === "id" && !value.includes("\0")) {
      this.lastId = value;
    }
    return null;
  }

  #dispatch() {
    const event = this.#data.length
      ? { type: this.#type || "message", data: this.#data.join("\n"), id: this.lastId }
      : null;
    this.#data = [];
    this.#size = 0;
    this.#type = "";
    return event;
  }
}

function nextBreak(text, from, end) {
  const newline = text.indexOf("\n", from);
  const carriage = text.indexOf("\r", from);
  const first = carriage >= 0 && (newline < 0 || carriage < newline) ? carriage : newline;
  return first < end ? first : -1;
}
