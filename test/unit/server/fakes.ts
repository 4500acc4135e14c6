// A pod manager and a runtime of fixed answers, and a server on a socket of its own.

import { mkdtempSync, mkdirSync, openSync, readlinkSync, rmSync, closeSync, lstatSync, constants } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";

import { systemClock } from "../../../agent/base/clock.ts";
import { NodeletError } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { Client } from "../../../agent/commands/client.ts";
import type { Cri, ContainerState, ExitResult, StreamSession } from "../../../agent/cri/runtime.ts";
import type { Image, ImageStore } from "../../../agent/images/images.ts";
import type { PodEvent, PodManager, PodView } from "../../../agent/pods/manager.ts";
import type { ServerDeps, StopOptions } from "../../../agent/server/deps.ts";
import { createLocalServer } from "../../../agent/server/server.ts";
import { FakeSystem, systemError } from "../../../agent/system/fake.ts";
import { O, type System } from "../../../agent/system/system.ts";

export function podView(
  name: string,
  options: Partial<PodView> & { status?: object; containers?: string[]; namespace?: string } = {},
): PodView {
  const { status, containers = ["app"], namespace = "default", ...rest } = options;
  return {
    pod: {
      metadata: { name, namespace, uid: `uid-${namespace}-${name}` },
      spec: { containers: containers.map((container) => ({ name: container, image: "localhost/test:1" })) },
      status: { phase: "Running", ...status },
    },
    source: "file",
    origin: "/etc/manifests/pod.yaml",
    problem: undefined,
    deleting: false,
    ...rest,
  };
}

export class FakePods implements PodManager {
  views: PodView[] = [];
  containers = new Map<string, { id: string; logPath: string }>();
  sandboxes = new Map<string, string>();
  log: PodEvent[] = [];
  readonly ran: unknown[] = [];
  readonly removed: string[] = [];
  readonly listeners = new Set<Parameters<PodManager["subscribe"]>[0]>();

  list(): readonly PodView[] {
    return this.views;
  }
  get(namespace: string, name: string): PodView | undefined {
    return this.views.find(({ pod }) => pod.metadata?.namespace === namespace && pod.metadata.name === name);
  }
  container(
    namespace: string,
    pod: string,
    container: string,
    options: { previous?: boolean } = {},
  ): { id: string; logPath: string } | undefined {
    return this.containers.get(`${namespace}/${pod}/${container}${options.previous === true ? "/previous" : ""}`);
  }
  sandboxId(namespace: string, pod: string): string | undefined {
    return this.sandboxes.get(`${namespace}/${pod}`);
  }
  async run(pod: object): Promise<PodView> {
    if (!("metadata" in pod)) throw new NodeletError("invalid", "is missing", { where: "metadata", fix: "set it" });
    this.ran.push(pod);
    const { name = "", namespace } = pod.metadata as { name?: string; namespace?: string };
    return podView(name, { source: "local", ...(namespace === undefined ? {} : { namespace }) });
  }
  async remove(namespace: string, name: string): Promise<void> {
    if (this.get(namespace, name) === undefined)
      throw new NodeletError("not-found", `there is no pod ${namespace}/${name}`);
    this.removed.push(`${namespace}/${name}`);
  }
  async stopAll(): Promise<void> {
    this.views = [];
  }
  report(): void {}

  events(): readonly PodEvent[] {
    return this.log;
  }
  subscribe(listener: Parameters<PodManager["subscribe"]>[0]): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }
  tell(change: Parameters<Parameters<PodManager["subscribe"]>[0]>[0]): void {
    for (const listener of this.listeners) listener(change);
  }
}

/** A session whose process echoes stdin to stdout, and ends when told or when stdin ends. */
export class EchoSession implements StreamSession {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly sizes: string[] = [];
  closed = false;
  readonly exited: Promise<ExitResult>;
  #exit: (result: ExitResult) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<ExitResult>();
    this.exited = promise;
    this.#exit = resolve;
    this.stdin.pipe(this.stdout, { end: false });
    this.stdin.on("end", () => this.end(0));
  }
  resize(columns: number, rows: number): void {
    this.sizes.push(`${columns}x${rows}`);
  }
  end(exitCode: number): void {
    this.stdout.end();
    this.stderr.end();
    this.#exit({ exitCode, signal: 0 });
  }
  close(): void {
    this.closed = true;
  }
}

export class FakeCri {
  states = new Map<string, ContainerState>();
  infos = new Map<string, Record<string, string>>();
  containers: object[] = [];
  sandboxes: object[] = [];
  readonly execs: object[] = [];
  session: StreamSession | Error = new EchoSession();

  readonly cri = {
    containerStatus: async ({ containerId = "" }) => {
      const state = this.states.get(containerId);
      if (state === undefined) throw new NodeletError("not-found", `there is no container ${containerId}`);
      return {
        status: { id: containerId, state, metadata: { name: "app" }, createdAt: 12345678901234567n },
        info: this.infos.get(containerId) ?? {},
      };
    },
    podSandboxStatus: async ({ podSandboxId = "" }) => ({
      status: { id: podSandboxId },
      info: this.infos.get(podSandboxId) ?? {},
    }),
    listContainers: async () => ({ containers: this.containers }),
    listPodSandbox: async () => ({ items: this.sandboxes }),
    imageStatus: async () => ({ info: { config: "{}" } }),
    openExec: async (request: object) => {
      this.execs.push(request);
      if (this.session instanceof Error) throw this.session;
      return this.session;
    },
    openAttach: async (request: object) => {
      this.execs.push(request);
      if (this.session instanceof Error) throw this.session;
      return this.session;
    },
  } as unknown as Cri;
}

export const IMAGE: Image = {
  id: `sha256:${"ab".repeat(32)}`,
  tags: ["localhost/test:1"],
  digests: [],
  size: 4_321_000n,
  os: "linux",
  architecture: "amd64",
  created: "2026-01-01T00:00:00Z",
  config: {},
  chainId: "",
  pinned: false,
  lastUsed: 0,
};

export class FakeImages {
  readonly calls: unknown[][] = [];
  failure: Error | undefined;

  readonly store = {
    list: () => [IMAGE],
    find: (reference: string) => (IMAGE.tags.includes(reference) || IMAGE.id.includes(reference) ? IMAGE : undefined),
    load: async (path: string, options: Parameters<ImageStore["load"]>[1]) => {
      this.calls.push(["load", path, options?.name]);
      options?.progress?.({ layer: "sha256:cd", phase: "unpack", bytes: 10, total: 20 });
      if (this.failure !== undefined) throw this.failure;
      return [IMAGE];
    },
    tag: async (reference: string, name: string) => void this.calls.push(["tag", reference, name]),
    remove: async (reference: string, options: object) => {
      this.calls.push(["remove", reference, options]);
      return reference === "localhost/test:1";
    },
  } as unknown as ImageStore;
}

/** A System that opens real files by name, each part without following links, as openat2 with RESOLVE_NO_SYMLINKS does. */
export function openingSystem(): { system: System; open: () => number } {
  const fake = new FakeSystem();
  let opened = 0;
  fake.answer("openat2", (dirfd, path, how) => {
    const base = dirfd === -100 ? "" : readlinkSync(`/proc/self/fd/${dirfd}`);
    let at = base;
    for (const part of path.split("/").filter((name) => name !== "")) {
      at = `${at}/${part}`;
      if (how.resolve !== undefined && lstatSync(at).isSymbolicLink()) throw systemError("ELOOP", "openat2", path);
    }
    const flags = (how.flags & O.PATH) !== 0 ? constants.O_RDONLY | constants.O_DIRECTORY : how.flags;
    opened++;
    return openSync(at, flags | constants.O_NONBLOCK);
  });
  fake.answer("close", (fd) => {
    opened--;
    closeSync(fd);
  });
  fake.answer("peerCredentials", () => ({ pid: process.pid, uid: process.getuid?.() ?? 0, gid: 0 }));
  return { system: fake.system, open: () => opened };
}

export interface Served extends AsyncDisposable {
  readonly pods: FakePods;
  readonly cri: FakeCri;
  readonly images: FakeImages;
  readonly client: Client;
  readonly directory: string;
  readonly stops: StopOptions[];
  readonly openFiles: () => number;
}

/** A server that listens, and a client of it. */
export async function serve(changes: Partial<ServerDeps> = {}): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-server-"));
  const pods = new FakePods();
  const cri = new FakeCri();
  const images = new FakeImages();
  const stops: StopOptions[] = [];
  const { system, open } = openingSystem();
  const server = createLocalServer({
    pods,
    cri: cri.cri,
    images: images.store,
    system,
    info: { version: "0.0.1", pid: process.pid, startedAt: 0, nodeName: "node", options: {} },
    stop: async (options) => void stops.push(options),
    clock: systemClock,
    log: silentLogger,
    ...changes,
  });
  const socket = join(directory, "nodelet.sock");
  await server.listen(socket);
  return {
    pods,
    cri,
    images,
    client: new Client(socket),
    directory,
    stops,
    openFiles: open,
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Makes `<directory>/pods/<pod>/<container>/` and returns the path of its log. */
export function logFile(directory: string, name = "0.log"): string {
  const folder = join(directory, "logs", "default_web_uid", "app");
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
