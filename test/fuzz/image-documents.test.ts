// What registries and archives say of images: references, indexes, manifests, configurations, users.

import {
  checkLayoutFile,
  choosePlatform,
  hostPlatform,
  parseArchiveManifest,
  parseConfigFile,
  parseIndex,
  parseManifest,
} from "../../agent/images/manifests.ts";
import { parseGroup, parsePasswd } from "../../agent/images/passwd.ts";
import { formatReference, idPrefix, parseReference, parseTag, withDefaultTag } from "../../agent/images/reference.ts";
import { fuzz } from "./harness.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const words = [
  ..."mediaType digest size layers config manifests schemaVersion platform annotations rootfs diff_ids history".split(
    " ",
  ),
  ..."User Env Entrypoint Cmd WorkingDir Labels StopSignal Volumes ExposedPorts __proto__ constructor urls".split(" "),
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.oci.image.layer.v1.tar+gzip",
  DIGEST,
  '"layers":[],',
  '"manifests":[],',
  "null",
  "[]",
  "{}",
  "\\u0000",
  "\\ud800",
  "1e999",
  "-0",
];

/** A reference that is taken means the same when it is written out and read again. */
function reference(input: Buffer): string {
  const text = input.toString("utf8");
  idPrefix(text);
  const parsed = parseReference(text);
  const printed = formatReference(parsed);
  if (JSON.stringify(parseReference(printed)) !== JSON.stringify(parsed))
    throw new Error(`${printed} is not what was read`);
  const complete = formatReference(withDefaultTag(parsed));
  if (formatReference(withDefaultTag(parseReference(complete))) !== complete) throw new Error(`${complete} changes`);
  if (/[\0-\x20\x7f]|\.\.\/|^\//.test(printed)) throw new Error(`${JSON.stringify(printed)} has what no name has`);
  try {
    parseTag(text);
    return "tag";
  } catch {
    return "no tag";
  }
}

/** Nothing of a document may come out that the checks should have kept out. */
function checkStrings(value: unknown): void {
  if (typeof value === "string" && value.includes("\0")) throw new Error("a NUL came through");
  if (typeof value === "object" && value !== null) for (const item of Object.values(value)) checkStrings(item);
}

const what = "The document";
const manifestCorpus = [
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: DIGEST, size: 10 },
    layers: [
      { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: DIGEST, size: 5, annotations: { a: "b" } },
    ],
  }),
];
const users = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/srv:\nbad\n+::::::\nbig:x:4294967295:99999999999::/:\n";

fuzz([
  {
    name: "reference",
    run: reference,
    seeds: [
      "busybox",
      "team/web:2",
      "localhost:5000/web@" + DIGEST,
      "[::1]:5000/a/b_c:x",
      `ghcr.io/a/b:1@${DIGEST}`,
      DIGEST,
    ],
    dictionary: [
      "docker.io/",
      "index.docker.io/",
      "library/",
      ":",
      "@",
      "/",
      "sha256:",
      "sha512:",
      "_",
      "__",
      "-",
      ".",
      "[::1]",
      "localhost",
      DIGEST,
    ],
    count: 20_000,
    maxBytes: 1000,
  },
  {
    name: "manifest",
    run(input) {
      const { config, layers } = parseManifest(input, undefined, what);
      checkStrings({ config, layers });
    },
    seeds: manifestCorpus,
    dictionary: words,
    count: 6000,
  },
  {
    name: "index",
    run(input) {
      const index = parseIndex(input, undefined, what);
      checkStrings(index);
      return String(choosePlatform(index.manifests, hostPlatform())?.mediaType);
    },
    seeds: [
      JSON.stringify({
        schemaVersion: 2,
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: DIGEST,
            size: 1,
            platform: { os: "linux", architecture: "amd64" },
          },
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: DIGEST,
            size: 1,
            platform: { os: "linux", architecture: "arm64", variant: "v8" },
          },
        ],
      }),
    ],
    dictionary: words,
    count: 6000,
  },
  {
    name: "image-config",
    run(input) {
      checkStrings(parseConfigFile(input, what));
    },
    seeds: [
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        created: "2020-01-01T00:00:00Z",
        config: {
          User: "1:2",
          Env: ["A=b"],
          Entrypoint: ["/a"],
          Cmd: null,
          Labels: { a: "b" },
          Volumes: { "/x": {} },
          ExposedPorts: { "80/tcp": {} },
        },
        rootfs: { type: "layers", diff_ids: [DIGEST] },
      }),
    ],
    dictionary: words,
    count: 6000,
  },
  {
    name: "archive-manifest",
    run(input) {
      checkStrings(parseArchiveManifest(input, what));
    },
    seeds: [JSON.stringify([{ Config: "a.json", RepoTags: ["a:1"], Layers: ["a/layer.tar", "../x"] }])],
    dictionary: ["Config", "RepoTags", "Layers", ...words],
  },
  {
    name: "oci-layout",
    run(input) {
      checkLayoutFile(input, what);
    },
    seeds: ['{"imageLayoutVersion":"1.0.0"}'],
    dictionary: ["imageLayoutVersion", "1.0.0", "1.99.0"],
    count: 1000,
  },
  {
    name: "passwd",
    run(input) {
      const text = input.toString("utf8");
      const users = parsePasswd(text);
      const groups = parseGroup(text);
      for (const user of users) {
        if (!(user.uid >= 0 && user.uid < 2 ** 32 - 1 && user.gid >= 0 && user.gid < 2 ** 32 - 1))
          throw new Error(`${user.uid}:${user.gid}`);
      }
      for (const group of groups) if (!(group.gid >= 0 && group.gid < 2 ** 32 - 1)) throw new Error(`${group.gid}`);
      return `${users.length} ${groups.length}`;
    },
    seeds: [users, "root:x:0:\napp:x:5:root,app\n"],
    dictionary: [":", "\n", "\r\n", "\0", "4294967295", "-1", "0x10", " 5"],
  },
]);
