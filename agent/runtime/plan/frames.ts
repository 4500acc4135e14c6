// Frames of the shim's protocol (docs/shim-protocol.md): encoder and incremental parser. Pure.

export const FrameType = {
  HELLO: 1,
  PLAN: 2,
  READY: 3,
  COMMIT: 4,
  STARTED: 5,
  FAILED: 6,
  EXITED: 7,
  STDIN: 8,
  STDOUT: 9,
  STDERR: 10,
  RESIZE: 11,
  SIGNAL: 12,
  REOPEN_LOG: 13,
  DONE: 14,
  ATTACH: 15,
  EXEC: 16,
  WATCH: 17,
  ERROR: 18,
  FINISHED: 19,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export interface Frame {
  /** A FrameType; a newer shim may send others. */
  readonly type: number;
  /** A view of the received bytes, or a copy when they came in several chunks. */
  readonly payload: Uint8Array;
}

/** u32 length of the payload, u16 type, u16 0. */
export const FRAME_HEADER_BYTES = 8;
/** A longer payload ends the connection. */
export const FRAME_PAYLOAD_MAX = 4 * 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** Throws RangeError when the payload is longer than a frame may be. */
export function encodeFrame(type: FrameType, payload: Uint8Array = NOTHING): Uint8Array {
  if (payload.length > FRAME_PAYLOAD_MAX) {
    throw new RangeError(
      `Cannot encode a frame as its payload must be at most ${FRAME_PAYLOAD_MAX} bytes: it has ${payload.length}`,
    );
  }
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint16(4, type, true);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

/** Takes a stream's chunks in order and returns the frames that each completes. */
export class FrameParser {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  /** The payload under construction, once the header is complete. */
  #payload: Uint8Array | undefined;
  #payloadBytes = 0;

  /** Throws RangeError when a frame announces more than FRAME_PAYLOAD_MAX: the stream cannot be followed any further. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        const part = chunk.subarray(at, at + FRAME_HEADER_BYTES - this.#headerBytes);
        this.#header.set(part, this.#headerBytes);
        this.#headerBytes += part.length;
        at += part.length;
        if (this.#headerBytes < FRAME_HEADER_BYTES) return frames;
      }
      const header = new DataView(this.#header.buffer);
      const length = header.getUint32(0, true);
      const type = header.getUint16(4, true);
      if (length > FRAME_PAYLOAD_MAX) {
        throw new RangeError(`a frame of type ${type} announces ${length} bytes, more than ${FRAME_PAYLOAD_MAX}`);
      }
      if (this.#payload === undefined && chunk.length - at >= length) {
        frames.push({ type, payload: chunk.subarray(at, at + length) });
        at += length;
      } else {
        this.#payload ??= new Uint8Array(length);
        const part = chunk.subarray(at, at + length - this.#payloadBytes);
        this.#payload.set(part, this.#payloadBytes);
        this.#payloadBytes += part.length;
        at += part.length;
        if (this.#payloadBytes < length) return frames;
        frames.push({ type, payload: this.#payload });
        this.#payload = undefined;
        this.#payloadBytes = 0;
      }
      this.#headerBytes = 0;
    }
  }

  /** True between two frames. At the end of a stream: nothing was cut off. */
  get idle(): boolean {
    return this.#headerBytes === 0;
  }
}
