// Text that comes from elsewhere, and numbers, made fit to be shown.

// Controls, and what changes the direction of what follows it: both could make a page say what it does not.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const escaped = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;

/** One line: line ends are blanks, other controls are shown as escapes, and only so much of it. */
export function plain(text, limit = 2000) {
  const whole = String(text ?? "");
  const line = whole.slice(0, limit).replace(/\s*[\r\n]+\s*/g, " ").replace(UNSAFE, escaped);
  return whole.length > limit ? `${line} …` : line;
}

/** The same for a piece of a log, where blanks count. */
export const visible = (text) => text.replace(UNSAFE, escaped);

/** `1.4 GB`: three digits at most. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < 5) [value, unit] = [value / 1000, unit + 1];
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${"B kB MB GB TB PB".split(" ")[unit]}`;
}

export const percent = (value) => `${value > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** As a shell reads it back as one word. */
export const shellWord = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A span in one unit: `4 min`. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
export const exact = (time) => EXACT.format(new Date(time));
export const clock = (time) => CLOCK.format(new Date(time));
