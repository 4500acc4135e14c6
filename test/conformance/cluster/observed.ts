// A cluster for a test, with a look at the host before and after: whatever it left behind is a failure.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { V1Pod } from "@kubernetes/client-node";
import type { Test } from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { packageRoot } from "../../../agent/base/paths.ts";
import { follow } from "../../../agent/kube/list-watch.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { buildCluster, Cluster, type ClusterOptions, networkNamespace } from "../../fixtures/cluster.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { processesBeside, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";

const run = promisify(execFile);

/** Of `kubectl rollout status` and `kubectl wait`. */
export const ROLLOUT = "--timeout=180s";

export const example = (name: string): string => join(packageRoot(), "examples", "cluster", `${name}.yaml`);

export interface PodRow {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  readonly phase: string;
}

export class ObservedCluster {
  readonly cluster: Cluster;
  /** Of all pods that there ever were. */
  readonly uids: ReadonlySet<string>;
  readonly #number: number;

  constructor(cluster: Cluster, uids: ReadonlySet<string>, number: number) {
    this.cluster = cluster;
    this.uids = uids;
    this.#number = number;
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.cluster.kubectl(...args);
  }

  async podsOf(app: string): Promise<PodRow[]> {
    const columns = '{.metadata.name} {.spec.nodeName} {.status.podIP} {.status.phase}{"\\n"}';
    const text = await this.kubectl(
      "get",
      "pods",
      "-l",
      `app=${app}`,
      "-o",
      `jsonpath={range .items[*]}${columns}{end}`,
    );
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [name = "", node = "", ip = "", phase = ""] = line.split(" ");
        return { name, node, ip, phase };
      });
  }

  /** The page at an address, as a program on a node sees it. */
  async page(node: number, address: string): Promise<string | undefined> {
    const inside = `--net=${networkNamespace(this.#number, node)}`;
    const asked = run("nsenter", [inside, "curl", "-sf", "-m", "5", `http://${address}`]);
    return await asked.then(({ stdout }) => stdout.trim()).catch(() => undefined);
  }

  /** Deletes what examples made, and waits until neither the server nor a node has a pod of it. */
  async remove(t: Test, names: readonly string[]): Promise<void> {
    for (const name of names) await this.kubectl("delete", "-f", example(name), "--timeout=120s");
    await eventually(
      "no pod is left",
      async () => (await this.kubectl("get", "pods", "-A", "-o", "name")).trim() === "",
    );
    for (const node of this.cluster.nodes) {
      const { items } = JSON.parse(await node.command("pods", "-o", "json")) as { items: unknown[] };
      t.strictSame(items, [], node.name);
    }
  }
}

/** `number` tells it apart from all others that there may be. */
export async function withCluster(
  t: Test,
  options: Omit<ClusterOptions, "runDirectory"> & { readonly number: number },
  use: (observed: ObservedCluster) => Promise<void>,
): Promise<void> {
  buildCluster();
  const uids = new Set<string>();
  const pictureOptions: PictureOptions = {
    ...processesBeside,
    without: ["sockets", "network namespaces"],
    // Pods of other agents have their groups beside those of this cluster's.
    ignore: (kind, line) => kind === "cgroups" && ![...uids].some((uid) => line.includes(uid)),
  };
  const before = await takePicture(pictureOptions);
  const directory = mkdtempSync(join(tmpdir(), "ndl-cluster-"));
  const runDirectory = join("/dev/shm", basename(directory));
  const clean = (): void => {
    for (const path of [directory, runDirectory]) rmSync(path, { recursive: true, force: true });
  };
  t.teardown(clean);
  await using cluster = await Cluster.start(join(directory, "cluster"), { ...options, runDirectory });
  const noted = ({ metadata }: V1Pod): void => void uids.add(metadata?.uid ?? "");
  {
    await using pods = follow({
      client: await cluster.client(),
      resource: PODS,
      clock: systemClock,
      log: silentLogger,
      handlers: { replace: (all) => all.forEach(noted), put: noted, remove: noted },
    });
    await pods.synced;
    await use(new ObservedCluster(cluster, uids, options.number));
  }
  await cluster[Symbol.asyncDispose]();
  clean();
  const left = (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
  t.strictSame(left, [], "nothing is left on the host");
}
