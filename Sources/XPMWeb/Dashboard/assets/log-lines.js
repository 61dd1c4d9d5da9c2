// Lines of a log as rows of one height, of which only those in sight are in the page.
import { parseLine } from "./ansi.js";
import { h, setText } from "./dom.js";
import { clock, count, exact } from "./text.js";

const HEIGHT = 20;
const SPARE = 10;
/** Columns of a row that is not wrapped, and differently coloured pieces of any row: beyond them nobody reads. */
const WIDEST = 3000;
const MOST_PIECES = 200;

export class LogLines {
  /** Whether the newest lines stay in sight. */
  isPinned = true;
  wraps = false;
  mark = "";
  #rows = [];
  #frame = 0;
  #columns = 80;
  #made = new Map();

  /** `to` has `top()` and `bottom()`, called when an end is near. With `most` it is only as high as its rows, up to so many. */
  constructor(scroller, to, most = null) {
    Object.assign(this, { scroller, to, most });
    this.canvas = h("div", { class: "log-canvas" });
    this.probe = h("span", { class: "log-probe", "aria-hidden": "true", text: "0".repeat(100) });
    scroller.append(this.canvas, this.probe);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.observer = new ResizeObserver(() => this.#resized());
    this.observer.observe(scroller);
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** Lines came or went; `before` lines came before the first one, `cut` of them went there. */
  show(entries, { before = 0, cut = 0 } = {}) {
    const rowsOf = (first) => this.#rows.findIndex((row) => row.entry === first && row.from === 0 && !row.isAttempt);
    const first = before || cut ? this.#rows[Math.floor(this.scroller.scrollTop / HEIGHT)] : null;
    const offset = first ? this.scroller.scrollTop - this.#rows.indexOf(first) * HEIGHT : 0;
    this.#layOut(entries);
    if (first && !this.isPinned) {
      const place = Math.max(0, rowsOf(first.entry));
      this.scroller.scrollTop = (place + Math.floor(first.from / this.#width)) * HEIGHT + offset;
    }
    if (this.isPinned && !this.#isSelected) this.scroller.scrollTop = this.#rows.length * HEIGHT;
    this.#refresh();
  }

  /** Whoever selects text keeps it. */
  get #isSelected() {
    const selection = getSelection();
    return !selection.isCollapsed && this.canvas.contains(selection.anchorNode);
  }

  get #width() {
    return this.wraps ? this.#columns : Infinity;
  }

  #layOut(entries) {
    this.entries = entries;
    const rows = [];
    let attempt = null;
    for (const entry of entries) {
      if (attempt !== null && entry.attempt !== attempt) rows.push({ entry, from: 0, isAttempt: true });
      attempt = entry.attempt;
      if (!this.wraps) {
        rows.push({ entry, from: 0 });
        continue;
      }
      entry.parsed ??= parseLine(entry.text);
      let from = 0;
      do {
        rows.push({ entry, from });
        from += this.#columns;
      } while (from < entry.parsed.length);
    }
    this.#rows = rows;
    this.canvas.style.height = `${rows.length * HEIGHT}px`;
    if (this.most) this.scroller.style.height = `${Math.max(1, Math.min(this.most, rows.length)) * HEIGHT + 2}px`;
  }

  #resized() {
    const width = this.probe.getBoundingClientRect().width / 100 || 8;
    // Gutter and padding are the style sheet's.
    const columns = Math.max(20, Math.floor((this.scroller.clientWidth - 104) / width));
    if (columns === this.#columns && this.#rows.length) return this.#refresh();
    this.#columns = columns;
    if (this.entries) this.show(this.entries);
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    this.isPinned = scrollTop + clientHeight >= scrollHeight - HEIGHT;
    if (scrollTop < 600) this.to.top();
    if (scrollTop + clientHeight > scrollHeight - 600) this.to.bottom();
    this.#refresh();
  }

  toEnd() {
    this.isPinned = true;
    this.scroller.scrollTop = this.#rows.length * HEIGHT;
    this.#refresh();
  }

  toStart() {
    this.isPinned = false;
    this.scroller.scrollTop = 0;
    this.#refresh();
  }

  #refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / HEIGHT) - SPARE);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / HEIGHT) + SPARE);
    // A row has the same element for as long as it is near, and they stand in their order: what is selected stays so.
    const spare = [];
    for (const [place, element] of this.#made) {
      if (place >= first && place < last) continue;
      this.#made.delete(place);
      element.remove();
      spare.push(element);
    }
    for (let [place, next] = [last - 1, null]; place >= first; place--) {
      const element = this.#made.get(place) ?? spare.pop() ?? h("div", { class: "log-row" });
      this.#made.set(place, element);
      if (element.parentNode !== this.canvas || element.nextSibling !== next) this.canvas.insertBefore(element, next);
      this.#fill(element, this.#rows[place], place);
      next = element;
    }
  }

  #fill(element, row, place) {
    const { entry, from, isAttempt } = row;
    const top = `translateY(${place * HEIGHT}px)`;
    if (element.style.transform !== top) element.style.transform = top;
    entry.parsed ??= parseLine(entry.text);
    const { shown } = element;
    if (shown?.parsed === entry.parsed && shown.from === from && shown.isAttempt === isAttempt && shown.mark === this.mark && shown.wraps === this.wraps) return;
    element.shown = { parsed: entry.parsed, from, isAttempt, mark: this.mark, wraps: this.wraps };
    if (isAttempt) {
      element.className = "log-row attempt";
      element.replaceChildren(h("span", { text: entry.attempt ? `attempt ${entry.attempt}` : "attempt not known" }));
      return;
    }
    const time = h("span", { class: "log-time", title: exact(entry.at_us / 1000) + (entry.estimated ? " (estimated)" : "") });
    setText(time, from ? "" : clock(entry.at_us / 1000));
    const text = h("span", { class: "log-text" });
    const width = this.wraps ? this.#columns : WIDEST;
    for (const piece of slice(entry.parsed.segments, from, from + width)) this.#append(text, piece);
    const rest = this.wraps && from + width < entry.parsed.length ? 0 : entry.parsed.length - from - width;
    const hidden = Math.max(0, rest) + entry.parsed.cut + (entry.more ?? 0);
    if (hidden && !(this.wraps && from + width < entry.parsed.length)) {
      text.append(h("span", { class: "log-cut", text: ` … ${count(hidden, "more character")}` }));
    }
    if (entry.dropped && !from) text.prepend(h("span", { class: "log-cut", text: `${count(entry.dropped, "line")} dropped before this one. ` }));
    element.className = `log-row ${entry.stream}${entry.note ? " note" : ""}${from ? " more" : ""}`;
    element.replaceChildren(time, h("span", { class: "log-stream", title: entry.stream, text: entry.stream === "stderr" ? "E" : "" }), text);
  }

  #append(parent, { text, classes, color, background }) {
    const span = classes || color || background ? h("span", { class: classes }) : null;
    // By the object model, which the page's policy allows, unlike an attribute.
    if (color) span.style.color = color;
    if (background) {
      span.style.backgroundColor = background;
      // What only has a background should be read on it.
      if (!color && !/\bf\d/.test(classes)) span.style.color = isDark(background) ? "#ffffff" : "#1c1b19";
    }
    const into = span ?? parent;
    let at = 0;
    if (this.mark) {
      const lower = text.toLowerCase();
      for (let found = lower.indexOf(this.mark); found >= 0; found = lower.indexOf(this.mark, at)) {
        into.append(text.slice(at, found), h("mark", { text: text.slice(found, found + this.mark.length) }));
        at = found + this.mark.length;
      }
    }
    into.append(text.slice(at));
    if (span) parent.append(span);
  }
}

function isDark(color) {
  const [red, green, blue] = color.match(/\d+/g).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** The pieces of columns `from` up to `to`. */
function slice(segments, from, to) {
  const pieces = [];
  let at = 0;
  for (const segment of segments) {
    const end = at + segment.text.length;
    if (end > from && at < to) {
      const text = segment.text.slice(Math.max(0, from - at), to - at);
      // Whoever colours each letter gets one colour for the rest.
      if (pieces.length < MOST_PIECES) pieces.push({ ...segment, text });
      else pieces[MOST_PIECES - 1].text += text;
    }
    at = end;
    if (at >= to) break;
  }
  return pieces;
}
