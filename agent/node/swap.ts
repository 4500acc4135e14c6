// A host's swap: what kubelet wants of it before it starts with failSwapOn, and how much there is.

import { readFileSync } from "node:fs";

import { isErrno, NodeletError } from "../base/errors.ts";

/** Throws `conflict` where there is swap; `read` gives /proc/swaps, or undefined where the kernel knows of none. */
export function checkSwap(read: () => string | undefined = readSwaps): void {
  const devices = (read() ?? "")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split(/\s/, 1)[0]);
  if (devices.length === 0) return;
  throw new NodeletError("conflict", `The host swaps to ${devices.join(", ")}`, {
    where: "failSwapOn",
    fix: "Turn swap off by `swapoff -a`, or set failSwapOn: false",
  });
}

function readSwaps(): string | undefined {
  try {
    return readFileSync("/proc/swaps", "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Bytes, of /proc/meminfo. */
export function swapTotal(meminfo: string): bigint {
  return BigInt(/^SwapTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? "0") * 1024n;
}
