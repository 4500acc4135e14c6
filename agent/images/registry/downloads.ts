/** Blobs while they come: each once, however many wait for it. The file is there until the last of them has let go. */
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import { unlessAborted } from "../../base/limits.ts";

export interface BlobRequest {
  readonly digest: string;
  /** Writes the blob to the path, checked, or throws. */
  readonly fetch: (path: string, signal: AbortSignal, progress: (bytes: number) => void) => Promise<void>;
}

export interface HeldBlob {
  readonly path: string;
  release(): Promise<void>;
}

interface Download {
  readonly path: string;
  readonly watchers: Set<(bytes: number) => void>;
  readonly abort: AbortController;
  done: Promise<void>;
  users: number;
}

export class Downloads {
  readonly #directory: string;
  readonly #downloads = new Map<string, Download>();
  #nextFile = 0;

  /** Files go into `directory`. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Resolves when the blob is there whole. One that another began and that fails is begun anew. */
  async hold(
    request: BlobRequest,
    options: { readonly signal: AbortSignal; readonly progress: (bytes: number) => void },
  ): Promise<HeldBlob> {
    for (;;) {
      options.signal.throwIfAborted();
      const known = this.#downloads.get(request.digest);
      const download = known ?? this.#begin(request);
      download.users++;
      download.watchers.add(options.progress);
      try {
        await unlessAborted(download.done, options.signal);
        return { path: download.path, release: once(() => this.#release(request.digest, download)) };
      } catch (error) {
        await this.#release(request.digest, download);
        if (known === undefined || options.signal.aborted) throw error;
      } finally {
        download.watchers.delete(options.progress);
      }
    }
  }

  #begin(request: BlobRequest): Download {
    // In a directory of ours: a process that fetches for us, and outlives us, finds that the next daemon has removed it.
    const directory = join(this.#directory, `blob-${process.pid}-${this.#nextFile++}`);
    mkdirSync(directory, { mode: 0o700 });
    const path = join(directory, "blob");
    const watchers: Download["watchers"] = new Set();
    const abort = new AbortController();
    const progress = (bytes: number): void => {
      for (const watcher of watchers) watcher(bytes);
    };
    const download: Download = { path, watchers, abort, done: request.fetch(path, abort.signal, progress), users: 0 };
    download.done.catch(() => this.#forget(request.digest, download));
    this.#downloads.set(request.digest, download);
    return download;
  }

  async #release(digest: string, download: Download): Promise<void> {
    download.users--;
    if (download.users > 0) return;
    this.#forget(digest, download);
    download.abort.abort(new NodeletError("cancelled", "Nobody waits for the layer any more"));
    await download.done.catch(() => undefined);
    await rm(dirname(download.path), { recursive: true, force: true });
  }

  #forget(digest: string, download: Download): void {
    if (this.#downloads.get(digest) === download) this.#downloads.delete(digest);
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}
