import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { test } from "tap";
import { writeDockerArchive, writeOciLayout } from "../../../../scripts/lib/oci-layout.ts";

const hash = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

test("a layout's digests are those of its blobs, and its diff ids those of the archives within", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "nodelet-layout-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const written = await writeOciLayout(dir, {
    ref: "localhost/x:1",
    layers: [{ tar: [{ name: "a", content: "1" }] }, { tar: [{ name: "b", content: "2" }], compression: "none" }],
    config: { Cmd: ["/a"] },
  });
  const blob = (digest: string): Promise<Buffer> => readFile(join(dir, "blobs", ...digest.split(":")));
  for (const { digest, size } of [written.manifest, written.config, ...written.layers]) {
    const data = await blob(digest);
    t.equal(`sha256:${hash(data)}`, digest);
    t.equal(data.length, size);
  }
  const config = JSON.parse((await blob(written.config.digest)).toString()) as { rootfs: { diff_ids: string[] } };
  t.same(
    config.rootfs.diff_ids,
    written.layers.map((layer) => layer.diffId),
  );
  const [gzipped, plain] = written.layers;
  t.equal(`sha256:${hash(gunzipSync(await blob(gzipped!.digest)))}`, gzipped!.diffId);
  t.equal(plain!.digest, plain!.diffId);
  const index = JSON.parse(await readFile(join(dir, "index.json"), "utf8")) as { manifests: { annotations: object }[] };
  t.same(index.manifests[0]?.annotations, {
    "io.containerd.image.name": "localhost/x:1",
    "org.opencontainers.image.ref.name": "localhost/x:1",
  });
});

test("a docker archive names its configuration and layers", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "nodelet-archive-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, "image.tar");
  await writeDockerArchive(file, { ref: "localhost/x:1", layers: [{ tar: [{ name: "a", content: "1" }] }] });
  const member = (name: string): Buffer => execFileSync("tar", ["-xOf", file, name]);
  const [entry] = JSON.parse(member("manifest.json").toString()) as {
    Config: string;
    RepoTags: string[];
    Layers: string[];
  }[];
  t.same(entry?.RepoTags, ["localhost/x:1"]);
  const config = member(entry!.Config);
  t.equal(`${hash(config)}.json`, entry!.Config);
  const { rootfs } = JSON.parse(config.toString()) as { rootfs: { diff_ids: string[] } };
  t.same(rootfs.diff_ids, [`sha256:${hash(member(entry!.Layers[0]!))}`]);
});
