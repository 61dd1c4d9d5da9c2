// One line of a log as a terminal would show it: colours, and what \r and \b write over. Pure; whatever else a line asks for is dropped.
import { visible } from "./text.js";

/** Most columns of a line that are shown, and that a move of the cursor reaches. */
export const COLUMNS = 100_000;
const MOVES = 4000;

// CSI, OSC and other strings (to BEL or ST, or the end), two-byte escapes; 8-bit CSI too.
const ESCAPE = /(?:\u001b\[|\u009b)([0-9:;<=>?]*)[ -/]*([@-~])|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u009b\u001b]/y;
const ACTIVE = /[\r\b\t\u001b\u0090\u0098\u009b\u009d-\u009f]/;

const PLAIN = Object.freeze({ classes: "", color: null, background: null });

/** `{segments: [{text, classes, color, background}], length, cut}`: cut is how many characters are not shown. */
export function parseLine(raw) {
  const text = raw.length > COLUMNS ? raw.slice(0, COLUMNS) : raw;
  const cut = raw.length - text.length;
  if (!ACTIVE.test(text)) {
    const shown = visible(text);
    return { segments: shown ? [{ text: shown, ...PLAIN }] : [], length: shown.length, cut };
  }
  const cells = [];
  const styles = [];
  let [column, style, pen] = [0, PLAIN, {}];
  const put = (character) => {
    while (cells.length < column) {
      cells.push(" ");
      styles.push(PLAIN);
    }
    cells[column] = character;
    styles[column] = style;
    column += 1;
  };
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at));
    ESCAPE.lastIndex = at;
    const escape = ESCAPE.exec(text);
    if (escape) {
      at = ESCAPE.lastIndex;
      if (escape[2] === "m" && !/[<=>?]/.test(escape[1])) {
        pen = select(pen, escape[1]);
        style = finish(pen);
      } else if (escape[2]) column = moved(escape[2], escape[1], column, cells, styles);
      continue;
    }
    at += character.length;
    if (character === "\r") column = 0;
    else if (character === "\b") column = Math.max(0, column - 1);
    else if (character === "\t") do put(" "); while (column % 8);
    else put(visible(character));
  }
  return { ...join(cells, styles), cut };
}

/** Where the cursor is after a command within the line; erasing ones erase. */
function moved(command, parameters, column, cells, styles) {
  const number = Math.min(MOVES, parseInt(parameters, 10) || 0);
  switch (command) {
    case "K":
      if (number === 0) cells.length = styles.length = Math.min(cells.length, column);
      else for (let at = 0; at < (number === 2 ? cells.length : Math.min(cells.length, column + 1)); at++) cells[at] = " ";
      return column;
    case "C": return Math.min(column + Math.max(1, number), Math.max(column, MOVES));
    case "D": return Math.max(0, column - Math.max(1, number));
    case "G": return Math.max(0, number - 1);
    default: return column;
  }
}

/** Cells of the same style become one segment. */
function join(cells, styles) {
  const segments = [];
  let from = 0;
  let length = 0;
  for (let at = 1; at <= cells.length; at++) {
    if (at < cells.length && same(styles[at], styles[from])) continue;
    const text = cells.slice(from, at).join("");
    segments.push({ text, ...styles[from] });
    length += text.length;
    from = at;
  }
  return { segments, length };
}

const same = (one, other) => one === other
  || (one.classes === other.classes && one.color === other.color && one.background === other.background);

const FLAGS = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "struck" };

/** Select Graphic Rendition. */
function select(pen, parameters) {
  const next = { ...pen };
  const codes = parameters.split(/[;:]/).slice(0, 64).map((code) => parseInt(code, 10) || 0);
  for (let place = 0; place < codes.length; place++) {
    const code = codes[place];
    if (code === 0) for (const key of Object.keys(next)) delete next[key];
    else if (FLAGS[code]) next[FLAGS[code]] = true;
    else if (code === 22) delete next.bold, delete next.dim;
    else if (code >= 23 && code <= 29) delete next[FLAGS[code - 20]];
    else if (code >= 30 && code <= 37) next.fg = code - 30;
    else if (code >= 90 && code <= 97) next.fg = code - 82;
    else if (code >= 40 && code <= 47) next.bg = code - 40;
    else if (code >= 100 && code <= 107) next.bg = code - 92;
    else if (code === 39) delete next.fg;
    else if (code === 49) delete next.bg;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes, place + 1);
      if (color !== null) next[code === 38 ? "fg" : "bg"] = color;
      place += used;
    }
  }
  return next;
}

/** `5;N` or `2;R;G;B`: the colour, and how many codes it took. */
function extended(codes, at) {
  const byte = (place) => Math.min(255, codes[place] ?? 0);
  if (codes[at] === 2) return [`rgb(${byte(at + 1)}, ${byte(at + 2)}, ${byte(at + 3)})`, 4];
  if (codes[at] !== 5) return [null, 0];
  const number = byte(at + 1);
  if (number < 16) return [number, 2];
  if (number >= 232) {
    const grey = 8 + 10 * (number - 232);
    return [`rgb(${grey}, ${grey}, ${grey})`, 2];
  }
  const level = (value) => (value ? 55 + 40 * value : 0);
  const cube = number - 16;
  return [`rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`, 2];
}

function finish(pen) {
  const classes = Object.values(FLAGS).filter((flag) => pen[flag]);
  let [color, background] = [null, null];
  if (typeof pen.fg === "number") classes.push(`f${pen.fg}`);
  else if (pen.fg) color = pen.fg;
  if (typeof pen.bg === "number") classes.push(`b${pen.bg}`);
  else if (pen.bg) background = pen.bg;
  return { classes: classes.join(" "), color, background };
}
