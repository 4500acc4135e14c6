// What the runtime remembers of sandboxes and containers. A record is kept twice: as a file under the run directory, written
// before the thing it describes exists and gone with a reboot, and as a durable row that follows without being waited for.

import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { isErrno } from "../base/errors.ts";
import { decodeRecord, encodeRecord } from "../base/json.ts";
import type { ContainerConfig, ContainerUser, PodSandboxConfig } from "../cri/runtime.ts";
import type { Mapping } from "../system/system.ts";
import type { NetworkDetail } from "../../cni/network.ts";
import type { Table } from "../store/store.ts";

export interface SandboxRecord {
  readonly id: string;
  /** Its resources change. */
  config: PodSandboxConfig;
  readonly runtimeHandler: string;
  readonly createdAt: bigint;
  /** Of the boot that its namespaces belong to. */
  readonly bootId: string;
  /** creating: an interrupted RunPodSandbox that start-up undoes. */
  state: "creating" | "ready" | "notready";
  /** Names of the namespaces pinned for it; the others are the host's. */
  pinned: readonly ("network" | "ipc" | "uts" | "pid" | "user")[];
  /** The small init that is pid 1 of a shared pid namespace, or 0. */
  initPid: number;
  ips: readonly string[];
  /** How it is connected; none: not at all, or by a nodelet that did not keep it. */
  network?: NetworkDetail;
  idMappings: { readonly uids: readonly Mapping[]; readonly gids: readonly Mapping[] } | undefined;
  /** Relative to the cgroup root; of the init alone. The pod's containers are beside it. */
  cgroup: string;
  /** False: the group above it was there before, and is not ours to limit or remove. None: of a nodelet that did not look. */
  readonly ownsPodCgroup?: boolean;
  hostname: string;
}

export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  /** Its resources change. */
  config: ContainerConfig;
  readonly imageId: string;
  readonly createdAt: bigint;
  readonly bootId: string;
  /**
   * creating: an interrupted CreateContainer that start-up undoes. starting: between the shim's start and its commit; what
   * start-up finds without a living shim never ran and is `created` again.
   */
  state: "creating" | "created" | "starting" | "running" | "exited";
  /** Relative to the cgroup root. */
  readonly cgroup: string;
  /** Absolute, or empty for none. */
  readonly logPath: string;
  readonly stopSignal: number;
  readonly user: ContainerUser | undefined;
  pid: number;
  startedAt: bigint;
  finishedAt: bigint;
  exitCode: number;
  signal: number;
  /** CRI's reason: Completed, Error, OOMKilled, ContainerCannotRun, Unknown. */
  reason: string;
  message: string;
}

/**
 * How long a row may lag behind. A sync makes the file system's journal commit, and whoever makes a file meanwhile waits for it: a
 * container that comes and goes within this time never causes one.
 */
const ROW_DELAY_MS = 1_000;

/** Records of one kind, all in memory. */
export class Records<T extends { readonly id: string; readonly bootId: string }> {
  readonly #table: Table<T>;
  readonly #fileOf: (id: string) => string;
  readonly #rows = new Map<string, T>();
  /** Records whose row is behind. */
  readonly #late = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** `directory` holds a directory for each record of this boot; those win over the table's rows. */
  constructor(table: Table<T>, directory: string, fileOf: (id: string) => string) {
    this.#table = table;
    this.#fileOf = fileOf;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const [id, row] of table.entries()) this.#rows.set(id, row);
    for (const name of readdirSync(directory)) {
      const record = readRecord<T>(fileOf(name));
      if (record !== undefined && record.id === name) this.#rows.set(name, record);
      else if (!this.#rows.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
    }
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  values(): IterableIterator<T> {
    return this.#rows.values();
  }

  /** Writes the run directory's file at once, for what must be known after a crash of the daemon; the row follows. */
  save(record: T): void {
    this.#rows.set(record.id, record);
    writeAtomically(this.#fileOf(record.id), encodeRecord(record));
    this.saveRow(record);
  }

  /** The row only: for what start-up can learn again from the shim's files. */
  saveRow(record: T): void {
    this.#rows.set(record.id, record);
    this.#late.add(record.id);
    this.#timer ??= setTimeout(() => void this.#writeRows().catch(() => undefined), ROW_DELAY_MS); // the store reports its failures
  }

  async #writeRows(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const late = [...this.#late];
    this.#late.clear();
    await Promise.all(
      late.map(async (id) => {
        const record = this.#rows.get(id);
        if (record !== undefined) await this.#table.put(id, record);
      }),
    );
  }

  /** Forgets the record and removes its run directory. */
  async delete(id: string): Promise<void> {
    this.#rows.delete(id);
    this.#late.delete(id);
    rmSync(dirname(this.#fileOf(id)), { recursive: true, force: true });
    if (this.#table.get(id) !== undefined) await this.#table.delete(id);
  }

  /** Brings the rows up to date. */
  async close(): Promise<void> {
    await this.#writeRows();
  }
}

function readRecord<T>(file: string): T | undefined {
  try {
    return decodeRecord<T>(readFileSync(file, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Rename makes a crash leave the old or the new text; no sync, as the file does not outlive the boot. */
export function writeAtomically(file: string, text: string | Uint8Array): void {
  const temporary = `${file}.new`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, text, { mode: 0o600 });
  }
  renameSync(temporary, file);
}
