// A directory of manifests, or one file: followed by inotify, and looked over at intervals for what inotify does not tell
// (links, network file systems, queues that ran over).
//
// A file is read once it has not changed for a moment, so that one that is being written is not taken for a finished one.

import { createHash } from "node:crypto";
import { constants, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { Clock } from "../base/clock.ts";
import { describeError, isErrno, NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Wake } from "../base/wake.ts";
import { parseContent } from "./documents.ts";
import type { PodSource, SourceChange, SourceContent } from "./source.ts";

/** How long a file must be left alone before it is read. Editors write within a few milliseconds. */
const SETTLE_MS = 150;
/** The first look does not wait longer than this for files that are being written. */
const FIRST_LOOK_MAX_MS = 5_000;
/** kubelet's fileCheckFrequency. */
const DEFAULT_RESCAN_MS = 20_000;
/** Larger than any object that an API server takes; reading YAML of this size takes part of a second. */
const MAX_FILE_BYTES = 1024 * 1024;

export interface ManifestSourceOptions {
  /** A directory, or a single file. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** @default 20000 */
  readonly rescanMs?: number | undefined;
  /** @default 150 */
  readonly settleMs?: number | undefined;
}

interface FileState {
  /** Identity and times of the file at the last look. */
  seen: string;
  /** Monotonic nanoseconds of the first look that saw it so. */
  since: bigint;
  /** As it was when it was last read; empty before. */
  read: string;
  /** Hash of what was told last, so that a touched file tells nothing. */
  told: string;
}

interface Told {
  readonly content: SourceContent;
  /** The file was removed meanwhile, and is there again with the same content. */
  readonly again: boolean;
}

export class ManifestSource implements PodSource {
  readonly kind = "file";
  readonly #options: ManifestSourceOptions;
  readonly #settleMs: number;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  readonly #files = new Map<string, FileState>();
  /** How often a name came or went since its file was last told. */
  readonly #renamed = new Map<string, number>();
  readonly #ignored = new Set<string>();
  #watcher: { handle: FSWatcher; inode: string } | undefined;
  /** The directory's own trouble, told under its path. */
  #trouble = "";
  #running: Promise<void> | undefined;

  constructor(options: ManifestSourceOptions) {
    this.#options = options;
    this.#settleMs = options.settleMs ?? SETTLE_MS;
    this.#wake = new Wake(options.clock);
  }

  async start(listener: (change: SourceChange) => void, known: readonly string[]): Promise<void> {
    const { clock } = this.#options;
    const changed = new Map<string, SourceContent>();
    const removed = new Set<string>();
    const limit = clock.monotonic() + BigInt(FIRST_LOOK_MAX_MS) * 1_000_000n;
    let unsettled: string[];
    for (;;) {
      const look = await this.#look();
      for (const content of look.changed) changed.set(content.origin, content);
      for (const origin of look.removed) {
        changed.delete(origin);
        removed.add(origin);
      }
      unsettled = look.unsettled;
      if (unsettled.length === 0 || clock.monotonic() >= limit || this.#stop.signal.aborted) break;
      await this.#wake.wait(this.#settleMs, this.#stop.signal);
    }
    for (const origin of unsettled) {
      const problem = new NodeletError("unavailable", "The file is being written", {
        where: origin,
        fix: "It is read once it is left alone",
      });
      changed.set(origin, { origin, documents: [], objects: [], problems: [problem] });
    }
    for (const origin of known) if (!this.#files.has(origin) && this.#trouble === "") removed.add(origin);
    for (const origin of changed.keys()) removed.delete(origin);
    listener({ changed: [...changed.values()], removed: [...removed] });
    this.#running = this.#follow(listener, unsettled.length > 0);
  }

  async #follow(listener: (change: SourceChange) => void, unsettled: boolean): Promise<void> {
    let soon = unsettled;
    while (!this.#stop.signal.aborted) {
      await this.#wake.wait(soon ? this.#settleMs : (this.#options.rescanMs ?? DEFAULT_RESCAN_MS), this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      try {
        const look = await this.#look();
        soon = look.unsettled.length > 0;
        if (look.changed.length > 0 || look.removed.length > 0) listener(look);
      } catch (error) {
        this.#options.log.error({ path: this.#options.path, error }, "the manifests could not be looked over");
      }
    }
  }

  /** Compares the directory with what is known of it, and reads what is new. */
  async #look(): Promise<SourceChange & { unsettled: string[] }> {
    const { path } = this.#options;
    const changed: SourceContent[] = [];
    const removed: string[] = [];
    const unsettled: string[] = [];
    const paths = await this.#list(changed, removed);
    if (paths === undefined) return { changed, removed, unsettled };
    for (const file of this.#files.keys()) {
      if (paths.includes(file)) continue;
      this.#files.delete(file);
      removed.push(file);
    }
    // Editors' and copies' passing names would stay for ever.
    const names = new Set(paths.map((file) => basename(file)));
    for (const name of this.#renamed.keys()) if (!names.has(name)) this.#renamed.delete(name);
    for (const file of paths) {
      const result = await this.#examine(file);
      if (result === "unsettled") unsettled.push(file);
      else if (result === "gone") {
        if (this.#files.delete(file)) removed.push(file);
      } else if (result !== undefined) {
        changed.push(result.content);
        if (result.again) removed.push(file);
      }
    }
    if (path !== "" && unsettled.length > 0)
      this.#options.log.debug({ files: unsettled }, "waiting for files that are being written");
    return { changed, removed, unsettled };
  }

  /** The files to read, by name; undefined when the directory cannot be read: then everything stays as it is. */
  async #list(changed: SourceContent[], removed: string[]): Promise<string[] | undefined> {
    const { path } = this.#options;
    let trouble: NodeletError | undefined;
    let paths: string[] | undefined;
    try {
      const info = await stat(path, { bigint: true });
      const directory = info.isDirectory() ? path : dirname(path);
      this.#watch(directory, info.isDirectory() ? `${info.dev}:${info.ino}` : directory);
      paths = info.isDirectory() ? this.#choose(await readdir(path)) : [path];
    } catch (cause) {
      if (isErrno(cause, "ENOENT")) {
        // As for kubelet, no directory is an empty one; but it is most likely a mistake, so it is said.
        trouble = new NodeletError("not-found", "There are no manifests: the path does not exist", {
          where: path,
          fix: "Create the directory",
        });
        paths = [];
      } else {
        trouble = new NodeletError("unavailable", "Cannot read the manifests", {
          where: path,
          cause,
          fix: "Correct the path or its permissions",
        });
      }
      this.#unwatch();
    }
    const text = trouble === undefined ? "" : describeError(trouble);
    if (text !== this.#trouble) {
      this.#trouble = text;
      if (trouble === undefined) removed.push(path);
      else changed.push({ origin: path, documents: [], objects: [], problems: [trouble] });
    }
    return paths;
  }

  #choose(names: readonly string[]): string[] {
    const paths: string[] = [];
    for (const name of names.toSorted()) {
      if (name.startsWith(".")) continue;
      // Names without an extension are manifests for kubelet too; back-up copies of editors (web.yaml~, web.yaml.bak) are not.
      if (/\.(ya?ml|json)$/i.test(name) || /^[\w-]+$/.test(name)) {
        paths.push(join(this.#options.path, name));
      } else if (!this.#ignored.has(name)) {
        this.#ignored.add(name);
        this.#options.log.info(
          { file: join(this.#options.path, name) },
          "ignored: a manifest ends in .yaml, .yml or .json",
        );
      }
    }
    return paths;
  }

  async #examine(file: string): Promise<Told | "unsettled" | "gone" | undefined> {
    const { clock } = this.#options;
    try {
      const info = await stat(file, { bigint: true });
      if (!info.isFile()) return "gone";
      const identity = identityOf(info);
      const state = this.#files.get(file) ?? { seen: "", since: 0n, read: "", told: "" };
      this.#files.set(file, state);
      if (state.read === identity) return undefined;
      if (state.seen !== identity) {
        state.seen = identity;
        state.since = clock.monotonic();
        // A file that has been as it is for a while need not be looked at twice.
        const touched = info.mtimeNs > info.ctimeNs ? info.mtimeNs : info.ctimeNs;
        const age = clock.now() - touched;
        if (age < BigInt(this.#settleMs) * 1_000_000n) return "unsettled";
      } else if (clock.monotonic() - state.since < BigInt(this.#settleMs) * 1_000_000n) {
        return "unsettled";
      }
      if (info.size > BigInt(MAX_FILE_BYTES)) {
        state.read = identity;
        return await this.#tell(
          state,
          identity,
          () => {
            throw new NodeletError("invalid", `The file has ${info.size} bytes; the most is ${MAX_FILE_BYTES}`, {
              where: file,
              fix: "Divide it into several files",
            });
          },
          file,
        );
      }
      const text = await readWhole(file, identity);
      if (text === undefined) {
        state.seen = "";
        return "unsettled";
      }
      state.read = identity;
      return await this.#tell(state, text, () => parseContent(text, file), file);
    } catch (cause) {
      if (isErrno(cause, "ENOENT")) return "gone";
      const state = this.#files.get(file) ?? { seen: "", since: 0n, read: "", told: "" };
      this.#files.set(file, state);
      state.read = "";
      const problem = new NodeletError("unavailable", "Cannot read the file", {
        where: file,
        cause,
        fix: "Correct its permissions, or remove it",
      });
      return this.#tell(
        state,
        describeError(problem),
        () => ({ origin: file, documents: [], objects: [], problems: [problem] }),
        file,
      );
    }
  }

  /** The content, unless the same was told before. */
  async #tell(
    state: FileState,
    told: string,
    content: () => SourceContent | Promise<SourceContent>,
    origin: string,
  ): Promise<Told | undefined> {
    const hash = createHash("sha256").update(told).digest("base64");
    const name = basename(origin);
    // It went and is there again: with the same content its pods begin anew. Another content tells its own story.
    const again = state.told === hash && (this.#renamed.get(name) ?? 0) >= 2;
    this.#renamed.delete(name);
    if (state.told === hash && !again) return undefined;
    state.told = hash;
    try {
      return { content: await content(), again };
    } catch (error) {
      const problem =
        error instanceof NodeletError
          ? error
          : new NodeletError("invalid", "Cannot read the file", { where: origin, cause: error });
      return { content: { origin, documents: [], objects: [], problems: [problem] }, again: false };
    }
  }

  #watch(directory: string, inode: string): void {
    if (this.#watcher?.inode === inode) return;
    this.#unwatch();
    const single = directory === this.#options.path ? undefined : basename(this.#options.path);
    try {
      const handle = watch(directory, { persistent: false }, (event, name) => {
        if (event === "rename" && name !== null) this.#renamed.set(name, (this.#renamed.get(name) ?? 0) + 1);
        if (single === undefined || name === null || name === single) this.#wake.ring();
      });
      handle.on("error", (error) => {
        this.#options.log.warn(
          { path: directory, error },
          "the directory is no longer watched, only looked over at intervals",
        );
        this.#unwatch();
      });
      this.#watcher = { handle, inode };
    } catch (error) {
      this.#options.log.warn(
        { path: directory, error },
        "the directory cannot be watched, only looked over at intervals",
      );
    }
  }

  #unwatch(): void {
    this.#watcher?.handle.close();
    this.#watcher = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#unwatch();
    await this.#running;
  }
}

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: Identity): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/** The text; undefined when the file changed before or while it was read. */
async function readWhole(path: string, identity: string): Promise<string | undefined> {
  // Without waiting: whatever it has become since it was looked at, opening it must not hang.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (identityOf(await file.stat({ bigint: true })) !== identity) return undefined;
  const text = await file.readFile("utf8");
  if (identityOf(await file.stat({ bigint: true })) !== identity) return undefined;
  return text;
}
