// Frames of SPDY/3 (draft 3, sections 2.2 and 2.6): an 8-byte header and what it says follows.

/** Types of control frames. */
export const FRAME = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const FLAG_FIN = 1;

/** RST_STREAM (section 2.6.3). */
export const RESET = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  unsupportedVersion: 4,
  cancel: 5,
} as const;

/** GOAWAY (section 2.6.6). */
export const GOAWAY = { ok: 0, protocolError: 1, internalError: 2 } as const;

export const FRAME_HEADER_BYTES = 8;

const VERSION = 3;

export type FrameHeader =
  | {
      readonly kind: "control";
      readonly version: number;
      readonly type: number;
      readonly flags: number;
      readonly length: number;
    }
  | { readonly kind: "data"; readonly streamId: number; readonly flags: number; readonly length: number };

/** The first 8 bytes of a frame. */
export function decodeFrameHeader(bytes: Buffer): FrameHeader {
  const first = bytes.readUInt32BE(0);
  const flags = bytes.readUInt8(4);
  const length = bytes.readUIntBE(5, 3);
  if (first >= 0x8000_0000) {
    return { kind: "control", version: (first >>> 16) & 0x7fff, type: first & 0xffff, flags, length };
  }
  return { kind: "data", streamId: first, flags, length };
}

export function dataHeader(streamId: number, length: number, fin: boolean): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES);
  bytes.writeUInt32BE(streamId, 0);
  bytes.writeUInt8(fin ? FLAG_FIN : 0, 4);
  bytes.writeUIntBE(length, 5, 3);
  return bytes;
}

export function controlFrame(type: number, flags: number, ...body: readonly (number | Buffer)[]): Buffer {
  const parts = body.map((part) => (typeof part === "number" ? u32(part) : part));
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt16BE(0x8000 | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(
    parts.reduce((sum, part) => sum + part.length, 0),
    5,
    3,
  );
  return Buffer.concat([header, ...parts]);
}

/** No associated stream, the highest priority, no slot. */
export function synStream(streamId: number, block: Buffer, fin: boolean): Buffer {
  return controlFrame(FRAME.synStream, fin ? FLAG_FIN : 0, streamId, 0, Buffer.alloc(2), block);
}

export function synReply(streamId: number, block: Buffer): Buffer {
  return controlFrame(FRAME.synReply, 0, streamId, block);
}

export function rstStream(streamId: number, status: number): Buffer {
  return controlFrame(FRAME.rstStream, 0, streamId, status);
}

export function ping(id: number): Buffer {
  return controlFrame(FRAME.ping, 0, id);
}

export function goaway(lastStreamId: number, status: number): Buffer {
  return controlFrame(FRAME.goaway, 0, lastStreamId, status);
}

export const SPDY_VERSION: number = VERSION;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
