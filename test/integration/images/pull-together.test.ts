// Pulls at the same time: layers come once, callers go and come back, pulls are cancelled, helpers die.
// time limit: 180 s

import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import type { LoadProgress } from "../../../agent/images/images.ts";
import type { LayerSource } from "../../../scripts/lib/oci-layout.ts";
import { Gate, ScriptedRegistry } from "../../fixtures/scripted-registry.ts";
import { leftovers, openImages, scratch } from "./support.ts";

const LIMIT_MS = 60_000;

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error(`it did not come to it: ${what}`);
  }
}

const layer = (bytes = 100_000): LayerSource => ({ tar: [{ name: `f${bytes}`, content: randomBytes(bytes) }] });

test("a layer of two images comes once, whoever goes", async (t) => {
  const directory = scratch(t);
  const { images, directory: stateDir } = await openImages(t, directory);
  await using registry = await ScriptedRegistry.start();
  for (const leaves of ["nobody", "the first", "the second"]) {
    const shared = layer(200_000);
    const one = registry.add("a/one", "1", { layers: [shared, layer(10)] });
    registry.add("a/two", "1", { layers: [shared, layer(20)] });
    const [first, second] = [`${registry.address}/a/one:1`, `${registry.address}/a/two:1`];
    const gate = new Gate(registry, one.layers[0]!.digest);
    const events: LoadProgress[] = [];
    const pulls = [
      images.pull(first).catch((error: unknown) => error),
      images.pull(second, { progress: (event) => events.push(event) }).catch((error: unknown) => error),
    ] as const;
    await until(() => gate.asked > 0 && images.pulls().every(({ layers }) => layers.length === 2), "both wait");
    if (leaves === "the first") images.cancelPull(first);
    if (leaves === "the second") images.cancelPull(second);
    if (leaves === "the first") t.match(await pulls[0], { code: "cancelled" });
    if (leaves === "the second") t.match(await pulls[1], { code: "cancelled" });
    gate.release();
    const results = await Promise.all(pulls);
    t.equal(gate.asked, 1, `${leaves} leaves: it is asked for once`);
    const came = results.filter((result) => !(result instanceof Error)).length;
    t.equal(came, leaves === "nobody" ? 2 : 1, `${leaves} leaves: the others have their image`);
    if (leaves !== "the second") {
      const phases = events.filter((event) => event.layer === one.layers[0]!.digest).map(({ phase }) => phase);
      t.ok(phases.includes("download"), "who joins sees the progress", { phases });
    }
    for (const { id } of images.list()) await images.remove(id);
    t.strictSame(leftovers(stateDir), []);
  }
});

test("a layer that is in an image twice comes once", async (t) => {
  const { images } = await openImages(t, scratch(t));
  await using registry = await ScriptedRegistry.start();
  const same = layer();
  const image = registry.add("a/b", "1", { layers: [same, layer(10), same] });
  t.equal((await images.pull(`${registry.address}/a/b:1`)).id, image.config.digest);
  t.equal(registry.requests.filter(({ path }) => path.endsWith(image.layers[0]!.digest)).length, 1);
});

test("callers go and come back; a pull is cancelled for all", async (t) => {
  const directory = scratch(t);
  const { images, directory: stateDir } = await openImages(t, directory);
  await using registry = await ScriptedRegistry.start();
  const image = registry.add("a/b", "1", { layers: [layer()] });
  const reference = `${registry.address}/a/b:1`;
  const gate = new Gate(registry, image.layers[0]!.digest);

  const caller = new AbortController();
  const left = images.pull(reference, { signal: caller.signal });
  await until(() => gate.asked > 0, "the layer is asked for");
  caller.abort(new Error("gone"));
  await t.rejects(left, { code: "cancelled", message: /goes on without/ });
  t.match(images.pulls(), [{ reference, waiting: 0, layers: [{ layer: image.layers[0]!.digest }] }]);
  const again = [images.pull(reference), images.pull(reference)];
  const stranger = images.pull(reference, { auth: { username: "mallory", password: "x" } });
  t.equal(images.pulls().length, 2, "who has other credentials does not join");
  t.equal(images.cancelPull(reference, 1), 1, "one that two wait for goes on");
  await t.rejects(stranger, { code: "cancelled" });
  gate.release();
  t.strictSame(new Set((await Promise.all(again)).map(({ id }) => id)), new Set([image.config.digest]));
  t.equal(gate.asked, 1, "those who come back wait for the same download");
  t.strictSame(images.pulls(), []);

  registry.requests.length = 0;
  await images.pull(reference);
  t.strictSame(
    registry.requests.map(({ method }) => method),
    ["HEAD"],
    "a tag that did not move costs one request",
  );
  await images.remove(reference);

  const next = new Gate(registry, image.layers[0]!.digest);
  const work = [images.pull(reference), images.pull(reference)];
  await until(() => next.asked > 0, "the layer is asked for");
  t.equal(images.cancelPull(reference), 1);
  for (const pull of work) await t.rejects(pull, { code: "cancelled", message: /was cancelled/ });
  t.strictSame([images.pulls(), images.list(), leftovers(stateDir)], [[], [], []], "nothing of it is left");
  next.release();
  t.ok(await images.pull(reference));
});

test("the puller dies, the store is closed, a daemon was killed", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  await using registry = await ScriptedRegistry.start();
  const image = registry.add("a/b", "1", { layers: [layer(3_000_000), layer(10)] });
  const reference = `${registry.address}/a/b:1`;
  const gate = new Gate(registry, image.layers[0]!.digest);
  const orphan = opened.images.pull(reference).catch((error: unknown) => error);
  await until(() => gate.asked > 0, "the layer is asked for");
  t.equal(opened.images.pullers.length, 1, "one process pulls");
  process.kill(opened.images.pullers[0]!, "SIGKILL");
  t.match(describeError(await orphan), /puller process ended in the middle.*SIGKILL/);
  t.strictSame(leftovers(opened.directory), [], "nothing is left of what it did");
  gate.release();
  t.equal((await opened.images.pull(reference)).id, image.config.digest, "the next pull has a process of its own");
  await opened.images.remove(reference);

  const closing = new Gate(registry, image.layers[0]!.digest);
  const cut = opened.images.pull(reference).catch((error: unknown) => error);
  await until(() => closing.asked > 0, "the layer is asked for");
  await opened.close();
  t.match(await cut, { code: "cancelled" });
  t.strictSame([opened.images.pullers, leftovers(opened.directory)], [[], []], "closing leaves no process and no file");
  closing.release();

  // As a daemon that was killed leaves it.
  writeFileSync(join(opened.directory, "tmp", "blob-1-0"), "half a layer");
  mkdirSync(join(opened.directory, "tmp", "pull-1-0"));
  const anew = await openImages(t, directory);
  t.strictSame(leftovers(anew.directory), []);
  t.ok(await anew.images.pull(reference));
});
