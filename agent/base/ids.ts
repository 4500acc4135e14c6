// Identifiers of sandboxes and containers.

import { randomBytes } from "node:crypto";

/** 64 hexadecimal digits, as other runtimes have them. */
export function newId(): string {
  return randomBytes(32).toString("hex");
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** As people see it in lists. */
export function shortId(id: string): string {
  return id.slice(0, 13);
}
