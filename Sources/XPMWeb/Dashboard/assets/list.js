// The list as a treegrid of which only the rows in sight, and the one with the focus, are in the page.
import { setAttribute } from "./dom.js";
import { makeRow, showRow } from "./row.js";

/** Rows beyond the edges that are kept ready. */
const SPARE = 8;

export class List {
  rows = [];
  /** The key of the row that the keyboard is on. */
  active = null;
  #made = new Map();
  #places = new Map();
  #frame = 0;
  #height = 48;
  #head = 0;

  /** `to` has `act(name, row, event)` and `open(row)`; `context` is what rows are shown with. */
  constructor(scroller, canvas, context, to) {
    Object.assign(this, { scroller, canvas, context, to });
    scroller.addEventListener("scroll", () => this.refresh(), { passive: true });
    new ResizeObserver(() => this.#measure()).observe(scroller);
    canvas.addEventListener("click", (event) => this.#click(event));
    canvas.addEventListener("focusin", (event) => this.#focused(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    this.#measure();
  }

  /** Rows of another structure. */
  setRows(rows) {
    const place = this.#places.get(this.active);
    this.rows = rows;
    this.#places = new Map(rows.map((row, place) => [row.key, place]));
    if (!this.#places.has(this.active)) this.active = rows[Math.min(place ?? 0, rows.length - 1)]?.key ?? null;
    setAttribute(this.canvas.closest("[role=treegrid]"), "aria-rowcount", rows.length + 1);
    this.canvas.style.height = `${rows.length * this.#height}px`;
    this.refresh();
  }

  row(key) {
    return this.rows[this.#places.get(key)];
  }

  /** Shows anew what is in sight, with the next frame. */
  refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Where the scroller stands, in the rows' own measure: its heading stays above them. */
  get #sight() {
    return { scrollTop: this.scroller.scrollTop, clientHeight: this.scroller.clientHeight - this.#head };
  }

  /** The rows in sight. */
  get inSight() {
    const { scrollTop, clientHeight } = this.#sight;
    const first = Math.max(0, Math.floor(scrollTop / this.#height));
    return this.rows.slice(first, Math.ceil((scrollTop + clientHeight) / this.#height));
  }

  #measure() {
    // Its height is the style sheet's: one on a phone, another on a screen.
    this.#head = this.scroller.firstElementChild.offsetHeight;
    this.#height = parseFloat(getComputedStyle(this.scroller).getPropertyValue("--row")) || 48;
    this.canvas.style.height = `${this.rows.length * this.#height}px`;
    this.refresh();
  }

  #draw() {
    const { scrollTop, clientHeight } = this.#sight;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - SPARE);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / this.#height) + SPARE);
    const focused = this.canvas.contains(document.activeElement) ? this.active : null;
    const wanted = new Set();
    for (let place = first; place < last; place++) wanted.add(this.rows[place].key);
    if (focused) wanted.add(focused);
    for (const [key, parts] of this.#made) {
      const row = this.row(key);
      if (wanted.has(key) && row && row.kind === parts.kind) continue;
      const hadFocus = parts.row.contains(document.activeElement);
      parts.row.remove();
      this.#made.delete(key);
      // What was removed with the focus on it gives it to its neighbour.
      if (hadFocus) this.#refocus = true;
    }
    for (const key of wanted) {
      const place = this.#places.get(key);
      if (place !== undefined) this.#show(this.rows[place], place);
    }
    if (this.#refocus) {
      this.#refocus = false;
      this.focus(this.active, false);
    }
  }
  #refocus = false;

  #show(row, place) {
    let parts = this.#made.get(row.key);
    if (!parts) {
      parts = makeRow(row.kind);
      parts.row.dataset.key = row.key;
      this.#made.set(row.key, parts);
      this.#insert(parts.row, place);
    }
    showRow(parts, row, this.context);
    setAttribute(parts.row, "aria-rowindex", place + 2);
    const top = `translateY(${place * this.#height}px)`;
    if (parts.row.style.transform !== top) parts.row.style.transform = top;
    this.#reach(parts, row.key === this.active);
  }

  /** In the page rows stand in their order, so that screen readers read them in it. */
  #insert(element, place) {
    let next = this.canvas.lastElementChild;
    while (next && (this.#places.get(next.dataset.key) ?? -1) > place) next = next.previousElementSibling;
    next ? next.after(element) : this.canvas.prepend(element);
  }

  /** Tab reaches the active row and what is in it, and no other. */
  #reach(parts, isActive) {
    const index = isActive ? 0 : -1;
    if (parts.row.tabIndex === index) return;
    parts.row.tabIndex = index;
    for (const control of parts.row.querySelectorAll("button, a, input")) control.tabIndex = index;
  }

  #focused({ target }) {
    const key = target.closest(".row")?.dataset.key;
    if (key && key !== this.active) {
      this.active = key;
      this.refresh();
    }
  }

  /** Brings a row into sight and puts the focus on it. */
  focus(key, moves = true) {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.active = key;
    const top = place * this.#height;
    const { scrollTop, clientHeight } = this.#sight;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.#height > scrollTop + clientHeight) this.scroller.scrollTop = top + this.#height - clientHeight;
    this.#draw();
    this.#made.get(key)?.row.focus({ preventScroll: !moves });
  }

  /** Goes some rows on, or to the ends. */
  move(by) {
    const place = this.#places.get(this.active) ?? 0;
    const next = Math.max(0, Math.min(this.rows.length - 1, place + by));
    if (this.rows[next]) this.focus(this.rows[next].key);
  }

  #click(event) {
    const element = event.target.closest(".row");
    const row = element && this.row(element.dataset.key);
    if (!row) return;
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) return this.to.act(act, row, event);
    if (event.target.closest("a, button, input") || String(getSelection())) return;
    this.focus(row.key, false);
    this.to.open(row);
  }

  #key(event) {
    const row = this.row(this.active);
    const isOnRow = event.target.classList.contains("row");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.#height) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === "ArrowRight") this.#right(row, isOnRow, event);
    else if (event.key === "ArrowLeft") this.#left(row, isOnRow, event);
    else if (event.key === "Enter" && isOnRow) this.to.open(row);
    else if (event.key === " " && isOnRow) this.to.act("select", row, event);
    else return;
    event.preventDefault();
  }

  /** Unfolds, else goes on to what is in the row. */
  #right(row, isOnRow, event) {
    if (isOnRow && row.isFolded) return this.to.act("fold", row, event);
    this.#among(row, 1);
  }

  /** Back through what is in the row, then folds, else goes to what the row belongs to. */
  #left(row, isOnRow, event) {
    if (!isOnRow) return this.#among(row, -1);
    if (row.isFolded === false) return this.to.act("fold", row, event);
    for (let place = this.#places.get(row.key) - 1; place >= 0; place--) {
      if (this.rows[place].level < row.level) return this.focus(this.rows[place].key);
    }
  }

  #among(row, by) {
    const element = this.#made.get(row.key)?.row;
    if (!element) return;
    const all = [element, ...element.querySelectorAll("button, a, input")].filter((one) => !one.hidden && !one.disabled);
    all[Math.max(0, Math.min(all.length - 1, all.indexOf(document.activeElement) + by))].focus();
  }
}
