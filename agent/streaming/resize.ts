// Sizes of a terminal, as clients send them: JSON objects, one after the other.

import type { StreamSession } from "../cri/runtime.ts";

/** The largest terminal that the kernel's struct winsize can say. */
const TERMINAL_SIDE_MAX = 65535;

/** A size is shorter than this. */
const SIZE_TEXT_MAX = 1024;

/** Applies `{"Width":80,"Height":24}`; what is no size is passed over, as nothing depends on it. */
export function resize(session: Pick<StreamSession, "resize">, text: string): void {
  let size: unknown;
  try {
    size = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof size !== "object" || size === null || !("Width" in size) || !("Height" in size)) return;
  const { Width: columns, Height: rows } = size;
  if (isSide(columns) && isSide(rows)) session.resize(columns, rows);
}

/** Applies the sizes of a stream, however they are cut. Ends with the stream. */
export async function resizeFrom(stream: AsyncIterable<Buffer>, session: Pick<StreamSession, "resize">): Promise<void> {
  let rest = "";
  for await (const chunk of stream) {
    rest += chunk.toString("latin1");
    for (let end = rest.indexOf("}"); end !== -1; end = rest.indexOf("}")) {
      resize(session, rest.slice(0, end + 1));
      rest = rest.slice(end + 1);
    }
    if (rest.length > SIZE_TEXT_MAX) rest = "";
  }
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= TERMINAL_SIDE_MAX;
}
