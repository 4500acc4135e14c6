/** What the daemon and its unpacker process say to each other over Node's IPC channel. */
import { type ErrorCode, NodeletError } from "../base/errors.ts";
import type { BombLimits, FilePart } from "./decompress.ts";
import type { Unsettled, WriteLimits } from "./layer-writer.ts";

export interface UnpackLimits extends WriteLimits, BombLimits {
  readonly maxEntries: number;
  /** Unpacking stops while the file system still has this much, so that it never takes the node's last byte. */
  readonly reserveBytes: number;
}

export interface UnpackRequest {
  readonly op: "unpack";
  readonly source: FilePart;
  /** Of the bytes as they are in the source; not checked when the archive has none. */
  readonly digest: string | undefined;
  /** Of the tar itself. */
  readonly diffId: string;
  /** The directory that gets `root` and `trash`; it must not exist. */
  readonly target: string;
  /** Directory of all layers, and the names of those below, topmost first. */
  readonly layers: string;
  readonly lowers: "none" | "later" | readonly string[];
  readonly limits: UnpackLimits;
}

export interface RootAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface UnpackResult {
  /** The layer has to be unpacked again, with the layers below at hand. */
  readonly lowersNeeded: boolean;
  readonly bytes: number;
  readonly inodes: number;
  /** What is left to settle with the layers below; empty when they were at hand. */
  readonly unsettled: Unsettled;
  readonly root: RootAttributes;
}

export interface SettleRequest {
  readonly op: "settle";
  /** The layer's root directory. */
  readonly root: string;
  readonly layers: string;
  readonly lowers: readonly string[];
  readonly unsettled: Unsettled;
}

export interface SettleResult {
  readonly settled: boolean;
  /** Inodes fewer than before. */
  readonly removed: number;
  readonly root: RootAttributes;
}

export interface IndexRequest {
  readonly op: "index";
  readonly path: string;
  /** A file that may be made to hold the archive without its compression. */
  readonly plain: string;
  readonly limits: UnpackLimits;
}

export interface IndexEntry {
  readonly name: string;
  readonly type: "file" | "link" | "symlink";
  readonly linkName: string;
  readonly offset: number;
  readonly size: number;
}

export interface IndexResult {
  /** The file to read entries from: the archive itself or `plain`. */
  readonly path: string;
  readonly entries: readonly IndexEntry[];
}

export interface SyncRequest {
  readonly op: "sync";
  readonly path: string;
}

export type UnpackerRequest = UnpackRequest | SettleRequest | IndexRequest | SyncRequest;

export interface ResultOf {
  readonly unpack: UnpackResult;
  readonly settle: SettleResult;
  readonly index: IndexResult;
  readonly sync: undefined;
}

/** An error as data; the chain of causes stays. */
export interface WireError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly fix: string | undefined;
  readonly where: string | undefined;
  readonly cause: WireError | undefined;
}

export type UnpackerReply =
  /** The request has arrived, and nothing was done for it yet. */
  | { readonly kind: "begun" }
  | { readonly kind: "progress"; readonly bytes: number }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly error: WireError };

const MAX_CAUSES = 16;

export function toWire(error: unknown, depth = 0): WireError {
  if (!(error instanceof Error)) {
    return { code: undefined, message: String(error), fix: undefined, where: undefined, cause: undefined };
  }
  const ours = error instanceof NodeletError ? error : undefined;
  return {
    code: ours?.code,
    message: error.message,
    fix: ours?.fix,
    where: ours?.where,
    cause: error.cause === undefined || depth >= MAX_CAUSES ? undefined : toWire(error.cause, depth + 1),
  };
}

export function fromWire(wire: WireError): Error {
  const cause = wire.cause === undefined ? undefined : fromWire(wire.cause);
  if (wire.code === undefined) return new Error(wire.message, cause === undefined ? undefined : { cause });
  return new NodeletError(wire.code, wire.message, { fix: wire.fix, where: wire.where, cause });
}
