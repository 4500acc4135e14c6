// A registry on loopback that holds the images of a layout, under their names without the host, as a mirror has them.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_LIMIT_MS = 60_000;
const LOOPBACK = "127.0.0.1";

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RegistryOptions {
  /** Of its own; holds its storage. */
  readonly directory: string;
  readonly port: number;
  /** An OCI layout. */
  readonly images: string;
  /** It listens on all addresses then, for clients in other network namespaces. @default 127.0.0.1 */
  readonly host?: string;
}

export class Registry implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Of clients. */
  readonly address: string;
  readonly #local: string;

  private constructor(child: ChildProcess, port: number, host: string) {
    this.#child = child;
    this.address = `${host}:${port}`;
    this.#local = `http://${LOOPBACK}:${port}`;
  }

  /** Debian's docker-registry; resolves when it holds the images. */
  static async start({ directory, port, images, host = LOOPBACK }: RegistryOptions): Promise<Registry> {
    mkdirSync(directory, { recursive: true });
    const configuration = join(directory, "config.yml");
    writeFileSync(
      configuration,
      JSON.stringify({
        version: "0.1",
        log: { level: "error", accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: join(directory, "storage") } },
        http: { addr: host === LOOPBACK ? `${LOOPBACK}:${port}` : `:${port}` },
      }),
    );
    const child = spawn("docker-registry", ["serve", configuration], { stdio: "ignore" });
    const registry = new Registry(child, port, host);
    try {
      await registry.#ready();
      await registry.#push(images);
      return registry;
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #ready(): Promise<void> {
    for (const limit = Date.now() + START_LIMIT_MS; Date.now() < limit; await sleep(50)) {
      const answer = await fetch(`${this.#local}/v2/`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (this.#child.exitCode !== null) break;
    }
    throw new Error("docker-registry did not start");
  }

  async #push(layout: string): Promise<void> {
    const blob = (digest: string): Buffer =>
      readFileSync(join(layout, "blobs", "sha256", digest.replace("sha256:", "")));
    const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: Descriptor[] };
    for (const { digest, mediaType, annotations } of manifests) {
      const name = annotations?.["org.opencontainers.image.ref.name"] ?? "";
      const [, repository = "", tag = ""] = /^[^/]+\/(.+):([^:/]+)$/.exec(name) ?? [];
      const manifest = blob(digest);
      const { config, layers } = JSON.parse(manifest.toString()) as { config: Descriptor; layers: Descriptor[] };
      for (const part of [config, ...layers]) await this.#upload(repository, part.digest, blob(part.digest));
      await this.#request(`/v2/${repository}/manifests/${tag}`, "PUT", manifest, mediaType);
    }
  }

  async #upload(repository: string, digest: string, content: Buffer): Promise<void> {
    const there = await fetch(`${this.#local}/v2/${repository}/blobs/${digest}`, { method: "HEAD" });
    if (there.ok) return;
    const begun = await this.#request(`/v2/${repository}/blobs/uploads/`, "POST");
    const location = new URL(begun.headers.get("location") ?? "", this.#local);
    location.searchParams.set("digest", digest);
    await this.#request(location.pathname + location.search, "PUT", content, "application/octet-stream");
  }

  async #request(path: string, method: string, body?: Buffer, type?: string): Promise<Response> {
    const answer = await fetch(`${this.#local}${path}`, {
      method,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      ...(type === undefined ? {} : { headers: { "content-type": type } }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

/** containerd's hosts.toml for every host: pulls go to the mirror, which has the names without the host. */
export function writeMirrors(directory: string, address: string): void {
  mkdirSync(join(directory, "_default"), { recursive: true });
  writeFileSync(
    join(directory, "_default", "hosts.toml"),
    `[host."http://${address}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
}
