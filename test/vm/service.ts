// nodelet as a service of a test machine: installed from the package's disk, looked at through its own commands.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { comparePictureTexts } from "./picture-text.ts";
import { BUSYBOX_LAYOUT } from "./package-disk.ts";
import type { Machine } from "./machine.ts";

export const IMAGE = "localhost/nodelet/busybox:1";

const PICTURE = readFileSync(join(import.meta.dirname, "guest", "picture.sh"), "utf8");

export interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly qosClass?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly containerID: string;
      readonly state?: {
        readonly running?: object;
        readonly waiting?: { readonly reason: string; readonly message?: string };
        readonly terminated?: { readonly reason: string; readonly exitCode: number };
      };
    }[];
  };
}

/** Installs the .deb from a disk labelled `deb`, as an administrator does, and loads the test image. */
export async function installDeb(machine: Machine): Promise<void> {
  await machine.do(
    `
    rm /usr/lib/nodelet /usr/bin/nodelet
    mount -o ro /dev/disk/by-label/deb /mnt
    DEBIAN_FRONTEND=noninteractive dpkg -i /mnt/nodelet.deb
    umount /mnt
    nodelet load ${BUSYBOX_LAYOUT}`,
    { limitSeconds: 400 },
  );
}

/**
 * Puts unit and configuration where the .deb has them; the program runs from its disk. Starts it and loads the test image. `flags` is
 * the machine's file to take for /etc/default/nodelet.
 */
export async function installService(machine: Machine, flags = "/mnt/package/etc/default/nodelet"): Promise<void> {
  await machine.do(`
    cp /mnt/package/lib/systemd/system/nodelet.service /etc/systemd/system/
    cp ${flags} /etc/default/nodelet
    mkdir -p /etc/nodelet/manifests
    systemctl daemon-reload
    systemctl enable --now nodelet.service
    nodelet load ${BUSYBOX_LAYOUT}`);
}

export async function pods(machine: Machine): Promise<readonly Pod[]> {
  return (JSON.parse(await machine.do("agent-get /pods")) as { items: readonly Pod[] }).items;
}

/** Looks until `wanted` holds for the pods, and returns them. Also while the daemon is away. */
export async function untilPods(
  machine: Machine,
  what: string,
  wanted: (pods: readonly Pod[]) => boolean,
  limitSeconds = 180,
): Promise<readonly Pod[]> {
  for (const end = Date.now() + limitSeconds * 1_000; ;) {
    const { code, out, err } = await machine.run("agent-get /pods");
    if (code === 0) {
      const { items } = JSON.parse(out) as { items: readonly Pod[] };
      if (wanted(items)) return items;
    }
    await sleep(200);
    if (Date.now() > end) {
      const seen = await machine.run("nodelet events; journalctl -u nodelet -n 40 --no-pager");
      throw new Error(`${what} did not come about\n${out}${err}\n${seen.out}${seen.err}`);
    }
  }
}

/** The pod of this name, which a manifest's pod has before its node's name. */
export function podOf(all: readonly Pod[], name: string): Pod | undefined {
  return all.find(({ metadata }) => metadata.name === name || metadata.name.startsWith(`${name}-`));
}

export function runs(pod: Pod | undefined): boolean {
  return pod?.status.phase === "Running" && pod.status.containerStatuses?.every(({ ready }) => ready) === true;
}

/** A manifest's text, for pods of one container. */
export function podManifest(name: string, container: object, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...spec,
      containers: [{ name: "main", image: IMAGE, imagePullPolicy: "Never", ...container }],
    },
  });
}

export async function putManifest(machine: Machine, name: string, text: string): Promise<void> {
  await machine.writeFile(`/etc/nodelet/manifests/${name}.json`, text);
}

export async function takeMachinePicture(machine: Machine): Promise<string> {
  return await machine.do(PICTURE);
}

/** What is there now and was not, and the other way round, after the machine had time to settle. */
export async function machineDifference(machine: Machine, before: string, limitSeconds = 30): Promise<string[]> {
  for (const end = Date.now() + limitSeconds * 1_000; ;) {
    const difference = comparePictureTexts(before, await takeMachinePicture(machine));
    if (difference.length === 0 || Date.now() > end) return difference;
  }
}
