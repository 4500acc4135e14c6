// Volumes of files that the node writes: what is in them, with which permissions, and how they change.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "tap";
import type { Test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { formatMap } from "../../../agent/pods/downward.ts";
import { NO_OWNERSHIP, writePayload } from "../../../agent/volumes/atomic-writer.ts";
import type { Payload } from "../../../agent/volumes/payload.ts";
import { refreshVolumes, setUpVolumes } from "../../../agent/volumes/volumes.ts";
import { volumeContext } from "./context.ts";
import type { Objects } from "./context.ts";

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), "nodelet-payloads-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Text and mode by path, as a program in the container reads it. */
function shown(root: string): Record<string, string> {
  const result: Record<string, string> = {};
  const walk = (path: string): void => {
    for (const name of readdirSync(join(root, path))) {
      if (path === "" && name.startsWith("..")) continue;
      const at = join(path, name);
      const info = statSync(join(root, at));
      if (info.isDirectory()) walk(at);
      else result[at] = `${(info.mode & 0o7777).toString(8)} ${readFileSync(join(root, at), "utf8")}`;
    }
  };
  walk("");
  return result;
}

const encode = (text: string): string => Buffer.from(text).toString("base64");

async function setUp(
  t: Test,
  volume: object,
  objects: Objects,
  metadata = {},
): Promise<Record<string, string> | string> {
  const context = volumeContext(directory(t), { volumes: [{ name: "v", ...volume }] }, { objects, metadata });
  try {
    return shown((await setUpVolumes(context)).get("v")?.hostPath ?? "");
  } catch (error) {
    return describeError(error);
  }
}

test("configMap", async (t) => {
  const objects = { configMaps: { c: { data: { a: "1", b: "2" }, binaryData: { bin: encode("\0x") } } } };
  t.strictSame(await setUp(t, { configMap: { name: "c" } }, objects), { a: "644 1", b: "644 2", bin: "644 \0x" });
  const items = [
    { key: "a", path: "deep/er/name", mode: 0o400 },
    { key: "b", path: "deep/b" },
  ];
  t.strictSame(await setUp(t, { configMap: { name: "c", items, defaultMode: 0o440 } }, objects), {
    "deep/er/name": "400 1",
    "deep/b": "440 2",
  });
  const failed = 'MountVolume.SetUp failed for volume "v" : ';
  t.equal(await setUp(t, { configMap: { name: "none" } }, objects), `${failed}configmap "none" not found`);
  t.strictSame(await setUp(t, { configMap: { name: "none", optional: true } }, objects), {});
  const missing = [{ key: "x", path: "x" }];
  t.equal(
    await setUp(t, { configMap: { name: "c", items: missing } }, objects),
    `${failed}configmap references non-existent config key: x`,
  );
  t.strictSame(await setUp(t, { configMap: { name: "c", items: missing, optional: true } }, objects), {});
});

test("secret, in memory that is not swapped out", async (t) => {
  const objects = { secrets: { s: { data: { user: encode("me"), password: encode("pw") } } } };
  t.strictSame(await setUp(t, { secret: { secretName: "s", defaultMode: 0o400 } }, objects), {
    user: "400 me",
    password: "400 pw",
  });
  const failed = 'MountVolume.SetUp failed for volume "v" : ';
  t.equal(await setUp(t, { secret: { secretName: "none" } }, objects), `${failed}secret "none" not found`);
  t.equal(
    await setUp(t, { secret: { secretName: "s", items: [{ key: "x", path: "x" }] } }, objects),
    `${failed}references non-existent secret key: x`,
  );
});

test("downwardAPI", async (t) => {
  const item = (path: string, fieldPath: string): object => ({ path, fieldRef: { fieldPath } });
  const items = [
    item("labels", "metadata.labels"),
    item("annotations", "metadata.annotations"),
    item("one", "metadata.labels['app']"),
    item("name", "metadata.name"),
    item("namespace", "metadata.namespace"),
    { path: "cpu", mode: 0o600, resourceFieldRef: { containerName: "main", resource: "requests.cpu", divisor: "1m" } },
  ];
  const metadata = { labels: { b: "2", app: "x" }, annotations: { text: 'two\nlines "quoted"' } };
  t.strictSame(await setUp(t, { downwardAPI: { items } }, {}, metadata), {
    labels: '644 app="x"\nb="2"',
    annotations: '644 text="two\\nlines \\"quoted\\""',
    one: "644 x",
    name: "644 p",
    namespace: "644 default",
    cpu: "600 0",
  });
  t.equal(formatMap({ k: "\u0001\t\u00e9\u{1f600}\u2028\u00a0\\" }), 'k="\\x01\\t\u00e9\u{1f600}\\u2028\\u00a0\\\\"');
});

test("projected: a later source wins", async (t) => {
  const objects = {
    configMaps: { c: { data: { a: "map", b: "map" } } },
    secrets: { s: { data: { a: encode("secret") } } },
  };
  const sources = [
    { configMap: { name: "c" } },
    { secret: { name: "s" } },
    { downwardAPI: { items: [{ path: "pod/name", fieldRef: { fieldPath: "metadata.name" }, mode: 0o444 }] } },
  ];
  t.strictSame(await setUp(t, { projected: { sources, defaultMode: 0o640 } }, objects), {
    a: "640 secret",
    b: "640 map",
    "pod/name": "444 p",
  });
});

test(
  "fsGroup lets the group read",
  { skip: process.getuid?.() !== 0 && "needs root to give files to a group" },
  async (t) => {
    const objects = { secrets: { s: { data: { key: encode("x") } } } };
    const items = [{ key: "key", path: "deep/key", mode: 0o400 }];
    const spec = { securityContext: { fsGroup: 4242 }, volumes: [{ name: "v", secret: { secretName: "s", items } }] };
    const context = volumeContext(directory(t), spec, { objects });
    const root = (await setUpVolumes(context)).get("v")?.hostPath ?? "";
    const found = (path: string): string => {
      const { mode, gid } = statSync(join(root, path));
      return `${(mode & 0o7777).toString(8)} ${gid}`;
    };
    t.equal(found("deep/key"), "440 4242");
    t.equal(found("deep"), "2755 4242");
    t.equal(found("."), "2777 4242");
  },
);

test("a volume follows its object, whole at any time", async (t) => {
  const configMaps: Record<string, object> = { c: { data: { a: "1", gone: "x" } } };
  const context = volumeContext(
    directory(t),
    { volumes: [{ name: "v", configMap: { name: "c" } }] },
    { objects: { configMaps } },
  );
  const root = (await setUpVolumes(context)).get("v")?.hostPath ?? "";
  const first = readlinkSync(join(root, "..data"));
  t.match(first, /^\.\.\d{4}(_\d\d){5}\.\d+$/);
  t.equal(readlinkSync(join(root, "a")), "..data/a");
  await refreshVolumes(context);
  t.equal(readlinkSync(join(root, "..data")), first, "nothing changed, nothing written");
  configMaps["c"] = { data: { a: "2", b: "new" } };
  await refreshVolumes(context);
  t.strictSame(shown(root), { a: "644 2", b: "644 new" });
  t.strictSame(readdirSync(root).length, 4, "the old content is gone");
  configMaps["c"] = { data: {} };
  await refreshVolumes(context);
  t.strictSame(shown(root), {});
});

test("what a crash left half-way is put right", async (t) => {
  const root = directory(t);
  const payload: Payload = new Map([["a", { data: Buffer.from("1"), mode: 0o644 }]]);
  mkdirSync(join(root, "..2020_01_01_00_00_00.123456789", "sub"), { recursive: true });
  symlinkSync("..2020_01_01_00_00_00.123456789", join(root, "..data_tmp"));
  symlinkSync("..data/old", join(root, "old"));
  t.equal(await writePayload(root, payload, NO_OWNERSHIP, new Date()), true);
  t.strictSame(shown(root), { a: "644 1" });
  t.equal(readdirSync(root).length, 3);
  t.equal(await writePayload(root, payload, NO_OWNERSHIP, new Date()), false);
});
