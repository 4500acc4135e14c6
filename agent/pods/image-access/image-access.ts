/**
 * Which images that are here a pod may use: kubelet's KubeletEnsureSecretPulledImages. Who pulled an image with credentials is written
 * down below ROOT/image_manager, in kubelet's form, and known here without reading it again.
 *
 *     pulling/sha256-...   an image that is being pulled: written before, removed after the record
 *     pulled/sha256-...    an image that was pulled, and with which credentials
 *
 * Where the first is left over, the image is taken for pulled with credentials that nobody knows.
 */
import { join } from "node:path";

import type { Clock } from "../../base/clock.ts";
import { describeError, NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { needsVerification, type VerificationRules } from "./policy.ts";
import {
  accessWith,
  decodeIntent,
  decodeRecord,
  encodeIntent,
  encodeRecord,
  openAccess,
  recordPull,
  wasPulled,
  wholeName,
  type PulledRecord,
  type PulledWith,
  type PullSecret,
} from "./record.ts";
import { fileName, RecordFiles } from "./record-files.ts";

export interface ImageAccessOptions {
  /** kubelet's root directory. */
  readonly rootDir: string;
  readonly rules: VerificationRules;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An image that is here. Names are whole: tags, and repositories with digests. */
export interface PresentImage {
  readonly id: string;
  readonly names: readonly string[];
}

/** A pull that a pod began. One of these ends it. */
export interface BegunPull {
  /** `secret`: whose credentials the registry took; undefined: none, or the node's own. */
  done(imageId: string, secret: PullSecret | undefined): void;
  /** Nothing came. */
  failed(): void;
  /** Nobody waits for it any more, and it may go on. */
  left(): void;
}

interface Intent {
  /** As the pod wrote it. */
  readonly image: string;
  readonly name: string;
  /** The image of this name before. */
  readonly before: string | undefined;
  underWay: number;
  /** A pull may go on that nobody waits for: `tidy` ends it. */
  left: boolean;
}

export class ImageAccess implements AsyncDisposable {
  readonly #options: ImageAccessOptions;
  readonly #pulling: RecordFiles;
  readonly #pulled: RecordFiles;
  /** By the image as pods write it. */
  readonly #intents = new Map<string, Intent>();
  /** By the image's id. */
  readonly #records = new Map<string, PulledRecord>();
  /** Files of records that cannot be read. */
  readonly #broken = new Set<string>();
  /** Pulls that are over and are being written down. */
  readonly #settling = new Set<Promise<void>>();

  private constructor(options: ImageAccessOptions) {
    this.#options = options;
    const directory = join(options.rootDir, "image_manager");
    // The image store syncs the file system before an image is there, and what was begun to be pulled with it.
    this.#pulling = new RecordFiles(join(directory, "pulling"), { flush: false });
    this.#pulled = new RecordFiles(join(directory, "pulled"), { flush: true });
  }

  /** Reads what is written. `tidy` is to be called before the first pod asks. */
  static async open(options: ImageAccessOptions): Promise<ImageAccess> {
    const access = new ImageAccess(options);
    for (const [file, text] of await access.#pulled.readAll()) {
      const record = decodeRecord(text);
      if (record !== undefined && fileName(record.imageRef) === file) access.#records.set(record.imageRef, record);
      else access.#broken.add(file);
    }
    for (const [file, text] of await access.#pulling.readAll()) {
      const image = decodeIntent(text);
      if (image !== undefined && fileName(image) === file)
        access.#intents.set(image, { image, name: wholeName(image), before: undefined, underWay: 0, left: true });
      else await access.#pulling.put(file, () => undefined);
    }
    if (access.#broken.size > 0)
      options.log.warn(
        { files: [...access.#broken] },
        "records of pulled images cannot be read: their images are asked for anew",
      );
    return access;
  }

  /** Whether a pod may use the image without a pull. `secrets` is called only where it depends on them; what it throws is thrown. */
  async allows(image: string, present: PresentImage, secrets: () => Promise<readonly PullSecret[]>): Promise<boolean> {
    const record = this.#records.get(present.id);
    if (!needsVerification(this.#options.rules, image, this.#wasPulled(image, present, record))) return true;
    if (record === undefined) return false;
    const open = openAccess(record, image);
    if (open !== undefined) return open;
    const { granted, note } = accessWith(record, image, await secrets());
    if (note !== undefined) void this.#record(present.id, image, { kubernetesSecrets: [note] });
    return granted;
  }

  #wasPulled(image: string, { id, names }: PresentImage, record: PulledRecord | undefined): boolean {
    if (record !== undefined && wasPulled(record, image, names)) return true;
    if (this.#broken.size > 0 && this.#broken.has(fileName(id))) return true;
    if (this.#intents.size === 0) return false;
    const asked = new Set([...names, wholeName(image)]);
    return [...this.#intents.values()].some(({ name, before }) => asked.has(name) && before !== id);
  }

  /** To be called before the pull; rejects where it cannot be written down. `before`: the image's id as it is here now. */
  async begin(image: string, before: string | undefined): Promise<BegunPull> {
    const intent = this.#intents.get(image) ?? { image, name: wholeName(image), before, underWay: 0, left: false };
    this.#intents.set(image, intent);
    intent.underWay++;
    try {
      await this.#pulling.put(fileName(image), () => this.#intentText(image));
    } catch (cause) {
      this.#finish(intent);
      const message = `Failed to record image pull intent for container image "${image}"`;
      throw new NodeletError("internal", message, { cause });
    }
    return {
      done: (imageId, secret) => {
        const added: PulledWith = secret === undefined ? { nodePodsAccessible: true } : { kubernetesSecrets: [secret] };
        const settled = this.#record(imageId, image, added).then((written) => {
          this.#finish(intent, !written);
          this.#settling.delete(settled);
        });
        this.#settling.add(settled);
      },
      failed: () => this.#finish(intent),
      left: () => this.#finish(intent, true),
    };
  }

  #intentText(image: string): string | undefined {
    return this.#intents.has(image) ? encodeIntent(image) : undefined;
  }

  #finish(intent: Intent, left = false): void {
    intent.underWay--;
    intent.left ||= left;
    if (intent.underWay === 0 && !intent.left) this.#forget(intent);
  }

  #forget({ image }: Intent): void {
    this.#intents.delete(image);
    this.#pulling
      .put(fileName(image), () => this.#intentText(image))
      .catch((error: unknown) => this.#warn(image, error));
  }

  /** At once for who asks here; resolves when it is on the disk, with false where it could not be written. */
  async #record(imageId: string, image: string, added: PulledWith): Promise<boolean> {
    const before = this.#records.get(imageId);
    const now = Number(this.#options.clock.now() / 1_000_000n);
    const record = recordPull(before, imageId, image, added, now);
    if (record === before) return true;
    const file = fileName(imageId);
    this.#records.set(imageId, record);
    this.#broken.delete(file);
    try {
      await this.#pulled.put(file, () => this.#recordText(imageId));
      return true;
    } catch (error) {
      this.#warn(image, error);
      return false;
    }
  }

  #recordText(imageId: string): string | undefined {
    const record = this.#records.get(imageId);
    return record === undefined ? undefined : encodeRecord(record);
  }

  /**
   * Forgets images that are gone, and settles pulls that nobody waited for. What is decided is decided at once: `images` are those that
   * are here now, `pulling` the names of what is being pulled now.
   */
  async tidy(images: readonly PresentImage[], pulling: readonly string[]): Promise<void> {
    const ids = new Set(images.map(({ id }) => id));
    const writing = [...this.#records.keys()].filter((id) => !ids.has(id)).map((id) => this.#remove(fileName(id), id));
    if (this.#broken.size > 0) {
      const files = new Set([...ids].map(fileName));
      for (const file of [...this.#broken].filter((name) => !files.has(name))) writing.push(this.#remove(file));
    }
    const still = new Set(pulling.map(wholeName));
    for (const intent of this.#intents.values()) {
      if (intent.underWay > 0 || still.has(intent.name)) continue;
      const came = images.find(({ names }) => names.includes(intent.name));
      writing.push(this.#settle(intent, came?.id));
    }
    await Promise.all(writing);
  }

  /** `imageId`: what has the name of the intent now. */
  async #settle(intent: Intent, imageId: string | undefined): Promise<void> {
    intent.left = false;
    const written =
      imageId === undefined || imageId === intent.before || (await this.#record(imageId, intent.image, {}));
    intent.left ||= !written;
    // Another pull of it may have begun meanwhile, or been left.
    if (intent.underWay === 0 && !intent.left) this.#forget(intent);
  }

  async #remove(file: string, imageId?: string): Promise<void> {
    this.#broken.delete(file);
    if (imageId !== undefined) this.#records.delete(imageId);
    try {
      await this.#pulled.put(file, () => (imageId === undefined ? undefined : this.#recordText(imageId)));
    } catch (error) {
      this.#warn(imageId ?? file, error);
    }
  }

  #warn(image: string, error: unknown): void {
    this.#options.log.warn(
      { image, error: describeError(error) },
      "what is known of a pulled image could not be written",
    );
  }

  /** Waits until everything is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#settling);
    await this.#pulled[Symbol.asyncDispose]();
    await this.#pulling[Symbol.asyncDispose]();
  }
}
