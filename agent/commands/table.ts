// Columns for people: tables, ages, sizes.

/** Space between columns, as kubectl has it. */
const GAP = "   ";

export interface TableOptions {
  /** Columns whose cells stand at the right. */
  readonly right?: ReadonlySet<number> | undefined;
  /** Lines are cut to this width. */
  readonly width?: number | undefined;
}

/** Lines without trailing spaces. Cells are made harmless for a terminal. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const table = [header, ...rows.map((row) => row.map(harmless))];
  const widths = header.map((_, column) => Math.max(...table.map((row) => displayWidth(row[column] ?? ""))));
  return table.map((row) => {
    const line = row
      .map((cell, column) => {
        const padding = " ".repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell)));
        return options.right?.has(column) === true ? padding + cell : cell + padding;
      })
      .join(GAP)
      .trimEnd();
    return options.width === undefined ? line : cut(line, options.width);
  });
}

/** Text from elsewhere without characters that steer a terminal; line breaks become spaces. */
export function harmless(text: string): string {
  // C0 and C1 controls, and the marks that reverse the direction of text.
  return text
    .replace(/[\t\r\n]+/g, " ")
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�");
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** At most `width` columns, with an ellipsis where something was left out. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let out = "";
  let used = 0;
  for (const character of text) {
    const next = displayWidth(character);
    if (used + next > width - 1) break;
    out += character;
    used += next;
  }
  return `${out}…`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Like kubectl: two units while they are few, then one. Times in milliseconds; `<unknown>` without a time. */
export function formatAge(since: number | undefined, now: number): string {
  if (since === undefined || !Number.isFinite(since) || since <= 0) return "<unknown>";
  return formatDuration(now - since);
}

export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  const whole = (unit: number): number => Math.floor(ms / unit);
  const two = (big: number, bigName: string, small: number, smallName: string): string => {
    const rest = Math.floor((ms % big) / small);
    return `${whole(big)}${bigName}${rest === 0 ? "" : `${rest}${smallName}`}`;
  };
  if (ms < 2 * MINUTE) return `${whole(SECOND)}s`;
  if (ms < 10 * MINUTE) return two(MINUTE, "m", SECOND, "s");
  if (ms < 3 * HOUR) return `${whole(MINUTE)}m`;
  if (ms < 8 * HOUR) return two(HOUR, "h", MINUTE, "m");
  if (ms < 2 * DAY) return `${whole(HOUR)}h`;
  if (ms < 8 * DAY) return two(DAY, "d", HOUR, "h");
  return `${whole(DAY)}d`;
}

/** `4.32 MB`: three digits, powers of ten as registries and `docker images` have them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `30s`, `5m`, `1h30m`, `2d` in seconds; undefined when it is no duration above zero. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (match === null) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = match;
  const total = Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return total > 0 ? total : undefined;
}
