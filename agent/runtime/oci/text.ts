// Checks of strings that reach the kernel, a file name or another program's text. Each throws `invalid` and names the field.

import { NodeletError } from "../../base/errors.ts";

/** MAX_ARG_STRLEN of Linux: one string of argv or environ, its NUL included. */
const MAX_ARG_BYTES = 128 * 1024;
/** PATH_MAX of Linux, its NUL included. */
const MAX_PATH_BYTES = 4096;

export function refuseNul(text: string, where: string): string {
  if (text.includes("\0")) throw new NodeletError("invalid", "holds a NUL character", { where });
  return text;
}

/** For names, ids and whatever ends up in a line of its own. */
export function refuseControl(text: string, where: string): string {
  if (/\p{Cc}/u.test(text)) {
    throw new NodeletError("invalid", `${JSON.stringify(text.slice(0, 100))} holds a control character`, { where });
  }
  return text;
}

/** One string of argv or environ. */
export function checkArgument(text: string, where: string): string {
  refuseNul(text, where);
  if (Buffer.byteLength(text) >= MAX_ARG_BYTES) {
    throw new NodeletError(
      "invalid",
      `is longer than the ${MAX_ARG_BYTES} bytes that Linux allows for one argument or variable`,
      { where },
    );
  }
  return text;
}

/** Absolute, without control characters, not too long. */
export function checkAbsolutePath(path: string, where: string): string {
  refuseControl(path, where);
  if (!path.startsWith("/")) {
    throw new NodeletError("invalid", `${JSON.stringify(path.slice(0, 100))} is not an absolute path`, { where });
  }
  if (Buffer.byteLength(path) >= MAX_PATH_BYTES) {
    throw new NodeletError("invalid", `is longer than the ${MAX_PATH_BYTES} bytes that Linux allows for a path`, {
      where,
    });
  }
  return path;
}

/** `/a//b/./c/` as `/a/b/c`. `..` is taken textually, as mount destinations are in every runtime; the root has no parent. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}
