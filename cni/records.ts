// What each sandbox holds of the built-in network, as files of the run directory: they last as long as the links and rules they
// tell of, until the machine stops, and so need no sync.
//
// A file is written under NAME.intent before anything is made, and renamed to NAME.json when all of it is there. Either
// way it is removed only after everything that it names is gone.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isErrno, NodeletError } from "../agent/base/errors.ts";
import type { PortMapping } from "./network.ts";

const VERSION = 1;

export interface SandboxRecord {
  readonly sandboxId: string;
  readonly podNamespace: string;
  readonly podName: string;
  readonly netns: string;
  /** Undefined when the file was cut off before it was whole: then the link's name is all that there is. */
  readonly address: string | undefined;
  /** Undefined for a pod that has none. */
  readonly address6?: string | undefined;
  readonly portMappings: readonly PortMapping[];
  /** Everything was made. */
  readonly complete: boolean;
}

export class Records {
  readonly #directory: string;
  readonly #cursorFile: string;
  readonly #records = new Map<string, SandboxRecord>();
  #cursorLimit = 0;

  private constructor(directory: string) {
    this.#directory = join(directory, "sandboxes");
    this.#cursorFile = join(directory, "cursor");
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  static open(directory: string): Records {
    const records = new Records(directory);
    records.#load();
    return records;
  }

  get(sandboxId: string): SandboxRecord | undefined {
    return this.#records.get(sandboxId);
  }

  all(): SandboxRecord[] {
    return [...this.#records.values()];
  }

  get size(): number {
    return this.#records.size;
  }

  /** Before anything is made for it. */
  intend(record: Omit<SandboxRecord, "complete">): void {
    const { sandboxId } = record;
    writeFileSync(this.#path(sandboxId, "intent"), JSON.stringify({ version: VERSION, ...record }), { mode: 0o600 });
    this.#records.set(sandboxId, { ...record, complete: false });
  }

  complete(sandboxId: string): void {
    const record = this.#records.get(sandboxId);
    if (record === undefined || record.complete) return;
    renameSync(this.#path(sandboxId, "intent"), this.#path(sandboxId, "json"));
    this.#records.set(sandboxId, { ...record, complete: true });
  }

  remove(sandboxId: string): void {
    const record = this.#records.get(sandboxId);
    if (record === undefined) return;
    rmSync(this.#path(sandboxId, record.complete ? "json" : "intent"), { force: true });
    this.#records.delete(sandboxId);
  }

  /** Where the search for a free address goes on after a restart: never before one that was handed out lately. */
  readCursor(): number {
    try {
      const cursor = Number.parseInt(readFileSync(this.#cursorFile, "utf8"), 10);
      return Number.isSafeInteger(cursor) && cursor >= 0 ? cursor : 0;
    } catch (error) {
      if (isErrno(error, "ENOENT")) return 0;
      throw error;
    }
  }

  /** Written once in so many addresses: a restart skips the rest of them, which come round again. */
  keepCursor(cursor: number): void {
    const step = 64;
    if (cursor < this.#cursorLimit && cursor >= this.#cursorLimit - step) return;
    this.#cursorLimit = cursor + step;
    writeFileSync(this.#cursorFile, String(this.#cursorLimit), { mode: 0o600 });
  }

  #path(sandboxId: string, kind: "intent" | "json"): string {
    return join(this.#directory, `${sandboxId}.${kind}`);
  }

  #load(): void {
    for (const file of readdirSync(this.#directory)) {
      const match = /^(.+)\.(intent|json)$/.exec(file);
      const sandboxId = match?.[1];
      if (sandboxId === undefined) continue;
      const complete = match?.[2] === "json";
      if (!complete && this.#records.get(sandboxId)?.complete === true) continue;
      const record = decode(readFileSync(join(this.#directory, file), "utf8"), sandboxId);
      if (record === undefined && complete) {
        throw new NodeletError("internal", "Cannot read what a pod holds of the network", {
          where: join(this.#directory, file),
          fix: "Stop the pods, remove the file, restart.",
        });
      }
      const unknown = { sandboxId, podNamespace: "", podName: "", netns: "", address: undefined, portMappings: [] };
      this.#records.set(sandboxId, { ...(record ?? unknown), complete });
    }
  }
}

/** Undefined when the text is cut off or of another version. */
function decode(text: string, sandboxId: string): Omit<SandboxRecord, "complete"> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // the daemon ended while it wrote: nothing had been made yet
  }
  if (typeof value !== "object" || value === null || !("version" in value) || value.version !== VERSION)
    return undefined;
  const record = value as Omit<SandboxRecord, "complete"> & { version: number };
  if (record.sandboxId !== sandboxId || typeof record.address !== "string" || !Array.isArray(record.portMappings))
    return undefined;
  const { podNamespace, podName, netns, address, address6, portMappings } = record;
  const second = typeof address6 === "string" ? { address6 } : {};
  return { sandboxId, podNamespace, podName, netns, address, ...second, portMappings };
}
