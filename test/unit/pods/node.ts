// A node in memory for tests of the pod manager: a fake runtime, a directory for its files, sources that the test drives.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";
import type { Test } from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import type { NodeFacts } from "../../../agent/pods/admission.ts";
import type { ImageAccess } from "../../../agent/pods/image-access/image-access.ts";
import { PodMeters } from "../../../agent/pods/meters.ts";
import { NodePodManager } from "../../../agent/pods/pod-manager.ts";
import type { PullLimits } from "../../../agent/pods/pull-turns.ts";
import type { ClusterServices } from "../../../agent/pods/services.ts";
import { decodePod } from "../../../agent/pods/schema/decode.ts";
import type { Decoded } from "../../../agent/pods/schema/decode.ts";
import { parseContent } from "../../../agent/sources/documents.ts";
import type { ApiPodChange, ApiPodSource, PodSource, SourceChange } from "../../../agent/sources/source.ts";
import { NO_OBJECTS, type ObjectLookup } from "../../../agent/kube/objects.ts";
import { MemoryStore } from "../../../agent/store/memory-store.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";
import { directCalls } from "../../fixtures/direct-calls.ts";
import { FakeCri } from "../../fixtures/fake-cri.ts";

/** A source whose files are texts that the test sets. */
export class TextSource implements PodSource {
  readonly kind = "file";
  #listener: ((change: SourceChange) => void) | undefined;
  readonly files: Map<string, string>;

  constructor(files: Record<string, string> = {}) {
    this.files = new Map(Object.entries(files));
  }

  async start(listener: (change: SourceChange) => void, known: readonly string[]): Promise<void> {
    this.#listener = listener;
    const changed = await Promise.all([...this.files].map(([name, text]) => parseContent(text, name)));
    listener({ changed, removed: known.filter((name) => !this.files.has(name)) });
  }

  async set(name: string, text: string): Promise<void> {
    this.files.set(name, text);
    this.#listener?.({ changed: [await parseContent(text, name)], removed: [] });
  }

  /** It was removed and is there again. */
  async again(name: string): Promise<void> {
    this.#listener?.({ changed: [await parseContent(this.files.get(name) ?? "", name)], removed: [name] });
  }

  remove(name: string): void {
    this.files.delete(name);
    this.#listener?.({ changed: [], removed: [name] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener = undefined;
  }
}

/** An API server's pods, as the test tells them. */
export class ToldPods implements ApiPodSource {
  #listener: ((change: ApiPodChange) => void) | undefined;
  known: readonly string[] = [];

  start(listener: (change: ApiPodChange) => void, known: readonly string[]): void {
    this.#listener = listener;
    this.known = known;
  }

  tell(pods: readonly V1Pod[], removed: readonly V1Pod[] = []): void {
    this.#listener?.({ pods, removed });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener = undefined;
  }
}

/** A System that really removes trees below a directory of the test. */
export function realTrees(): FakeSystem {
  const fake = new FakeSystem();
  const opened = new Map<number, string>();
  fake.answer("openat2", (_dirfd, path) => {
    const fd = fake.newFd();
    opened.set(fd, path);
    return fd;
  });
  fake.answer("removeTree", async (fd, name) => {
    await rm(join(opened.get(fd) ?? "/nonexistent", name), { recursive: true, force: true });
  });
  return fake;
}

export class TestNode {
  readonly directory = mkdtempSync(join(tmpdir(), "nodelet-pods-"));
  readonly clock = new ManualClock();
  readonly runtime = new FakeCri(this.clock);
  readonly store = new MemoryStore();
  readonly system = realTrees();
  readonly source: TextSource;
  readonly api = new ToldPods();
  readonly meters = new PodMeters(this.clock);
  readonly #joined: boolean;
  readonly #syncMs: number | undefined;
  readonly #pullLimits: PullLimits | undefined;
  readonly #imageAccess: ImageAccess | undefined;
  /** @default what the machine has */
  facts: NodeFacts | undefined;
  /** Secrets of the API server. @default there are none */
  secret: ObjectLookup["secret"] = async () => undefined;
  /** Of service accounts. */
  token: ClusterServices["token"] = async () => ({ token: "secret", renewAt: Number.MAX_SAFE_INTEGER });
  /** The server is asked for the node as it is now. */
  refreshNode: () => Promise<void> = async () => undefined;
  /** Of ClusterTrustBundles. */
  anchors = "";
  anchorsChanged: () => void = () => undefined;
  manager: NodePodManager;

  constructor(
    t: Test,
    files: Record<string, string> = {},
    {
      cluster = false,
      syncMs,
      pullLimits,
      imageAccess,
    }: { cluster?: boolean; syncMs?: number; pullLimits?: PullLimits; imageAccess?: ImageAccess } = {},
  ) {
    this.#joined = cluster;
    this.#syncMs = syncMs;
    this.#pullLimits = pullLimits;
    this.#imageAccess = imageAccess;
    this.source = new TextSource(files);
    this.manager = this.#create();
    t.teardown(async () => {
      await this.manager[Symbol.asyncDispose]();
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  #create(): NodePodManager {
    const { directory } = this;
    mkdirSync(join(directory, "root"), { recursive: true });
    return new NodePodManager({
      cri: this.runtime.cri,
      system: this.system.system,
      slow: directCalls,
      store: this.store,
      clock: this.clock,
      log: silentLogger,
      sources: [this.source],
      layout: {
        rootDir: join(directory, "root"),
        podLogsDir: join(directory, "logs"),
        containerLogsDir: join(directory, "links"),
      },
      nodeName: "node",
      hostIPs: () => ["192.0.2.1"],
      syncMs: this.#syncMs,
      pullLimits: this.#pullLimits,
      imageAccess: this.#imageAccess,
      meters: this.meters,
      nodeFacts: () => this.facts ?? { name: "node", labels: {}, cpuMilli: 1_000_000n, memory: 1n << 50n },
      cluster: this.#joined
        ? {
            source: this.api,
            services: {
              objects: { ...NO_OBJECTS, secret: (...asked) => this.secret(...asked) },
              retain: () => undefined,
              release: () => undefined,
              serviceVariables: async () => new Map(),
              runtimeHandler: async () => "",
              refreshNode: () => this.refreshNode(),
              trustBundles: {
                anchors: async () => this.anchors,
                subscribe: (listener) => {
                  this.anchorsChanged = listener;
                  return { [Symbol.dispose]: () => undefined };
                },
              },
              token: (...asked) => this.token(...asked),
            },
          }
        : undefined,
    });
  }

  /** Ends the agent without a word and starts it anew over the same runtime and records. `before` is called before it starts. */
  async restart(before: () => void = () => undefined): Promise<void> {
    await this.manager[Symbol.asyncDispose]();
    this.manager = this.#create();
    before();
    await this.manager.start();
  }

  async start(): Promise<void> {
    await this.manager.start();
    await this.settle();
  }

  /** Lets everything that follows from what happened come to rest, without moving the clock. */
  async settle(): Promise<void> {
    for (let calm = 0; calm < 5;) {
      await turn();
      calm = this.manager.idle ? calm + 1 : 0;
    }
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await turn();
  }

  /** Moves time on in steps, so that what wakes can do its work. */
  async advance(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    await this.settle();
  }

  phase(name: string): string | undefined {
    return this.manager.get("default", name)?.pod.status.phase;
  }

  /** `waiting CrashLoopBackOff` and the like. */
  state(pod: string, container: string): string {
    const status = this.manager.get("default", pod)?.pod.status;
    const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    const state = all.find((item) => item.name === container)?.state;
    if (state?.running !== undefined) return "running";
    if (state?.waiting !== undefined) return `waiting ${state.waiting.reason}`;
    return state?.terminated === undefined
      ? "none"
      : `terminated ${state.terminated.reason} ${state.terminated.exitCode}`;
  }

  reasons(): string[] {
    return this.manager.events().map((event) => event.reason);
  }
}

export function podText(name: string, spec: object = {}, metadata: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...metadata },
    spec: { containers: [{ name: "main", image: "busybox:1" }], ...spec },
  });
}

export function decoded(name: string, spec: object = {}, metadata: object = {}): Decoded {
  return decodePod(JSON.parse(podText(name, spec, metadata)), { origin: `${name}.json` });
}
