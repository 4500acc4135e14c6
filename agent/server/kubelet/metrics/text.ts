// Prometheus' text format, version 0.0.4.

import type { Family } from "../../../base/meters.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Families without a sample are left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(({ labels = {}, value, time, suffix = "" }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
        const set = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
        return `${name}${suffix}${set} ${text(value)}${time === undefined ? "" : ` ${Math.round(time)}`}`;
      });
      return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
    })
    .join("");
}

function text(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return Number.isNaN(value) ? "NaN" : String(value);
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
