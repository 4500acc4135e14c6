import { test } from "tap";
import {
  checkLayoutFile,
  choosePlatform,
  type Descriptor,
  hostPlatform,
  MediaType,
  parseArchiveManifest,
  parseConfigFile,
  parseIndex,
  parseManifest,
  platformRank,
} from "../../../agent/images/manifests.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const config = { mediaType: MediaType.OciConfig, digest: digest("a"), size: 10 };
const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digest("b"), size: 20 };
const manifest = { schemaVersion: 2, mediaType: MediaType.OciManifest, config, layers: [layer] };

test("a manifest", (t) => {
  const parsed = parseManifest(json(manifest), MediaType.OciManifest, "m");
  t.equal(parsed.config.digest, digest("a"));
  t.strictSame(
    parsed.layers.map((item) => item.size),
    [20],
  );
  for (const mediaType of [
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  ]) {
    t.equal(parseManifest(json({ ...manifest, layers: [{ ...layer, mediaType }] }), undefined, "m").layers.length, 1);
  }
  t.end();
});

test("a wrong manifest says what is wrong", (t) => {
  const cases: [unknown, RegExp][] = [
    [[], /not a JSON object/],
    [{ ...manifest, schemaVersion: 3 }, /schemaVersion/],
    [{ ...manifest, schemaVersion: 1 }, /schema 1/],
    [{ config, layers: [] }, /schemaVersion/],
    [{ ...manifest, mediaType: MediaType.OciIndex }, /mediaType/],
    [{ ...manifest, manifests: [] }, /at once/],
    [{ ...manifest, fsLayers: [] }, /schema 1/],
    [{ ...manifest, config: undefined }, /config is not a descriptor/],
    [{ ...manifest, config: { ...config, mediaType: "application/vnd.example.chart" } }, /no container image/],
    [{ ...manifest, config: { ...config, digest: "sha256:../../etc" } }, /digest/],
    [{ ...manifest, config: { ...config, size: -1 } }, /size/],
    [{ ...manifest, config: { ...config, size: "1" } }, /size/],
    [{ ...manifest, config: { ...config, size: 2 ** 60 } }, /size/],
    [{ ...manifest, layers: {} }, /not a list/],
    [{ ...manifest, layers: [{ ...layer, mediaType: "text/plain" }] }, /no known layer type/],
    [{ ...manifest, layers: [{ ...layer, mediaType: `${layer.mediaType}+encrypted` }] }, /no known layer type/],
    [{ ...manifest, layers: Array.from({ length: 501 }, () => layer) }, /500/],
  ];
  for (const [value, message] of cases) {
    t.throws(
      () => parseManifest(json(value), MediaType.OciManifest, "m"),
      { message },
      JSON.stringify(value).slice(0, 80),
    );
  }
  t.throws(() => parseManifest(Buffer.from("{"), undefined, "m"), /not JSON/);
  t.throws(() => parseManifest(Buffer.from([0x22, 0xff, 0x22]), undefined, "m"), /not JSON/);
  t.throws(() => parseManifest(Buffer.alloc(5 * 1024 * 1024), undefined, "m"), /more than/);
  t.end();
});

test("an index, and the choice of a platform", (t) => {
  const of = (architecture: string, variant?: string): object => ({
    mediaType: MediaType.OciManifest,
    digest: digest("c"),
    size: 1,
    platform: { os: "linux", architecture, ...(variant === undefined ? {} : { variant }) },
  });
  const manifests = [of("unknown"), of("amd64", "v3"), of("arm64"), of("amd64"), of("arm64", "v8"), of("arm", "v7")];
  const index = parseIndex(json({ schemaVersion: 2, manifests }), MediaType.OciIndex, "i");
  const chosen = (arch: string): Descriptor["platform"] =>
    choosePlatform(index.manifests, hostPlatform(arch))?.platform;
  t.same(chosen("x64"), { os: "linux", architecture: "amd64" });
  t.same(chosen("arm64"), { os: "linux", architecture: "arm64", variant: "v8" });
  t.equal(chosen("riscv64"), undefined);
  t.equal(platformRank({ os: "windows", architecture: "amd64", variant: undefined }, hostPlatform("x64")), 0);
  t.throws(() => parseIndex(json({ schemaVersion: 2, manifests: [], layers: [] }), undefined, "i"), /at once/);
  t.throws(
    () =>
      parseIndex(
        json({ schemaVersion: 2, manifests: [{ ...of("amd64"), mediaType: MediaType.DockerManifestV1 }] }),
        undefined,
        "i",
      ),
    /schema 1/,
  );
  t.end();
});

test("an image configuration", (t) => {
  const good = {
    os: "linux",
    architecture: "amd64",
    created: "2026-01-01T00:00:00Z",
    config: {
      User: "app",
      Env: ["A=b"],
      Entrypoint: null,
      Cmd: ["sh"],
      Labels: JSON.parse('{"__proto__": "x", "a": "b"}') as unknown,
      Volumes: { "/data": {} },
      ExposedPorts: { "80/tcp": {} },
      OnBuild: ["ignored"],
    },
    rootfs: { type: "layers", diff_ids: [digest("d")] },
  };
  const parsed = parseConfigFile(json(good), "c");
  t.equal(parsed.config.User, "app");
  t.strictSame(parsed.config.Entrypoint, undefined);
  t.strictSame(Object.keys(parsed.config.Labels ?? {}), ["__proto__", "a"]);
  t.strictSame(parsed.diffIds, [digest("d")]);
  t.strictSame(parseConfigFile(json({ ...good, config: null }), "c").config, {});
  const cases: [unknown, RegExp][] = [
    [{ ...good, rootfs: undefined }, /rootfs is missing/],
    [{ ...good, rootfs: { type: "other" } }, /rootfs.type/],
    [{ ...good, rootfs: { type: "layers", diff_ids: ["x"] } }, /diff_ids\[0\]/],
    [{ ...good, config: "x" }, /config is not an object/],
    [{ ...good, config: { Env: "A=b" } }, /config.Env is not a list/],
    [{ ...good, config: { Env: [1] } }, /config.Env\[0\]/],
    [{ ...good, config: { User: "a\0b" } }, /NUL/],
    [{ ...good, config: { User: 0 } }, /config.User/],
  ];
  for (const [value, message] of cases) t.throws(() => parseConfigFile(json(value), "c"), { code: "invalid", message });
  t.end();
});

test("manifest.json and oci-layout", (t) => {
  t.strictSame(parseArchiveManifest(json([{ Config: "c.json", RepoTags: null, Layers: ["l"] }]), "m"), [
    { config: "c.json", repoTags: [], layers: ["l"] },
  ]);
  t.throws(() => parseArchiveManifest(json({}), "m"), /not a list/);
  t.throws(() => parseArchiveManifest(json([{ Layers: [] }]), "m"), /Config is missing/);
  checkLayoutFile(json({ imageLayoutVersion: "1.0.0" }), "oci-layout");
  t.throws(() => checkLayoutFile(json({ imageLayoutVersion: "2.0.0" }), "oci-layout"), { code: "unsupported" });
  t.throws(() => checkLayoutFile(json({}), "oci-layout"), { code: "unsupported" });
  t.end();
});
