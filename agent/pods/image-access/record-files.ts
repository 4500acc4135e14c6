// Small files of one directory by the text they are about, in kubelet's manner: `sha256-` and the hash of the text. They are whole or not there.

import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { SerialQueue } from "../../base/queue.ts";

const FILE = /^sha256-[0-9a-f]{64}$/;
const DRAFT = ".tmp";

export function fileName(subject: string): string {
  return `sha256-${createHash("sha256").update(subject).digest("hex")}`;
}

export class RecordFiles implements AsyncDisposable {
  readonly #directory: string;
  readonly #flush: boolean;
  readonly #queue = new SerialQueue<string>();

  /** `flush`: a file is on the disk when its writing is over. */
  constructor(directory: string, { flush }: { readonly flush: boolean }) {
    this.#directory = directory;
    this.#flush = flush;
  }

  /** Texts by file name. Makes the directory, and removes what a write left half done. */
  async readAll(): Promise<ReadonlyMap<string, string>> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const texts = new Map<string, string>();
    for (const name of await readdir(this.#directory)) {
      if (FILE.test(name)) texts.set(name, await readFile(join(this.#directory, name), "utf8"));
      else if (name.endsWith(DRAFT) && FILE.test(name.slice(0, -DRAFT.length)))
        await rm(join(this.#directory, name), { force: true });
    }
    return texts;
  }

  /** Brings a file to what `text` gives when it is its turn; undefined: none. */
  async put(name: string, text: () => string | undefined): Promise<void> {
    await this.#queue.run(name, async () => {
      const path = join(this.#directory, name);
      const wanted = text();
      if (wanted === undefined) return await rm(path, { force: true });
      {
        await using draft = await open(`${path}${DRAFT}`, "w", 0o600);
        await draft.writeFile(wanted);
        if (this.#flush) await draft.sync();
      }
      await rename(`${path}${DRAFT}`, path);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.idle();
  }
}
