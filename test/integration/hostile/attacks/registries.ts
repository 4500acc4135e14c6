// Attacks by what registries answer: other bytes, more bytes, none at all, another place.

import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { describeError } from "../../../../agent/base/errors.ts";
import { openImageStore } from "../../../../agent/images/image-store.ts";
import { openStore } from "../../../../agent/store/sqlite-store.ts";
import type { WrittenImage } from "../../../../scripts/lib/oci-layout.ts";
import { ScriptedRegistry, type Script } from "../../../fixtures/scripted-registry.ts";
import type { Attack } from "../attack.ts";
import type { Host } from "../host.ts";

const LAYER_BYTES = 10_000;
/** More than a manifest may have. */
const LONG_MANIFEST_BYTES = 8 * 1024 * 1024;
/** More than are followed. */
const REDIRECTS = 30;
const STALL_MS = 1000;
/** After so long a pull that should have ended goes on without end. */
const FOREVER_MS = 20_000;

interface Registry {
  readonly registry: ScriptedRegistry;
  /** Another origin. */
  readonly other: ScriptedRegistry;
  readonly image: WrittenImage;
}

/** Pulls `a/b:1`, an image of one uncompressed layer; `prepare` may give another tag. */
async function pull(
  host: Host,
  prepare: (at: Registry) => string | undefined,
  auth?: { username: string; password: string },
): Promise<string> {
  await using registry = await ScriptedRegistry.start();
  await using other = await ScriptedRegistry.start();
  const image = add(registry, "1", "x");
  const tag = prepare({ registry, other, image }) ?? "1";
  const stateDir = host.make("pulls");
  const store = await openStore(stateDir, { system: host.system });
  const options = { stallMs: STALL_MS, retry: { attempts: 2, baseMs: 10, maxMs: 30, maxRetryAfterMs: 100 } };
  const images = openImageStore({ system: host.system, store, stateDir, registry: options });
  const ended = new AbortController();
  try {
    const pulled = images.pull(`${registry.address}/a/b:${tag}`, auth === undefined ? {} : { auth });
    const said = await Promise.race([
      pulled.then(() => "pulled", describeError),
      sleep(FOREVER_MS, "goes on without end", { signal: ended.signal, ref: false }),
    ]);
    const told = other.requests.some(({ authorization }) => authorization !== undefined);
    return told ? `${said}; TOLD the other` : said;
  } finally {
    ended.abort();
    await images.close();
    await store.close();
  }
}

const add = (registry: ScriptedRegistry, tag: string, letter: string): WrittenImage =>
  registry.add("a/b", tag, {
    layers: [{ tar: [{ name: "f", content: letter.repeat(LAYER_BYTES) }], compression: "none" }],
  });

const layerOf = ({ registry, image }: Registry): Buffer => Buffer.from(registry.blobs.get(image.layers[0]!.digest)!);

/** Answers for the layer. */
function forLayer(at: Registry, answer: (response: ServerResponse, layer: Buffer) => void): undefined {
  const layer = layerOf(at);
  at.registry.script = (request, response) => {
    if (!request.path.endsWith(`/blobs/${at.image.layers[0]!.digest}`)) return false;
    answer(response, layer);
    return true;
  };
}

/** Knows us, and sends us elsewhere for the layer. */
function elsewhere(at: Registry, away: boolean): undefined {
  const layer = layerOf(at);
  at.registry.script = (request, response) => {
    if (request.authorization === undefined) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
      return true;
    }
    if (!away || !request.path.endsWith(`/blobs/${at.image.layers[0]!.digest}`)) return false;
    response.writeHead(307, { location: `http://${at.other.address}/layer` }).end();
    return true;
  };
  at.other.script = (_request, response) => (response.end(layer), true);
}

/** The image's manifest with an annotation that makes it so long. */
function longManifest({ registry }: Registry, bytes: number): string {
  const { mediaType, data } = registry.manifests.get("a/b 1")!;
  const manifest = JSON.parse(Buffer.from(data).toString()) as object;
  const annotations = { long: "x".repeat(bytes) };
  registry.addManifest("a/b", "long", mediaType, JSON.stringify({ ...manifest, annotations }));
  return "long";
}

const redirects =
  (count: number): Script =>
  (request, response) => {
    const step = Number(request.query.get("step") ?? 0);
    if (!request.path.includes("/manifests/") || step >= count) return false;
    response.writeHead(307, { location: `${request.path}?step=${step + 1}` }).end();
    return true;
  };

const UNCHECKED: Attack["without"] = [
  ["agent/images/registry/download.ts", "if (digest !== request.digest) throw", "if (digest === request.path) throw"],
  ["agent/images/unpack.ts", "if (actual === expected) return;", "if (actual !== what) return;"],
];

const USER = { username: "carol", password: "secret" };

export const attacks: readonly Attack[] = [
  {
    name: "a registry that sends us elsewhere, with its credentials",
    rows: ["2020-15157", "suite 11"],
    attack: (host) => pull(host, (at) => elsewhere(at, true), USER),
    twin: (host) => pull(host, (at) => elsewhere(at, false), USER),
    held: /^pulled$/,
    works: /^pulled$/,
    without: [
      [
        "agent/images/registry/follow.ts",
        "headers: sameOrigin ? { ...request.headers, ...request.secretHeaders } : request.headers,",
        "headers: { ...request.headers, ...request.secretHeaders },",
      ],
    ],
    fallen: /TOLD the other/,
  },
  {
    name: "a layer of another digest",
    rows: ["suite 11"],
    attack: (host) =>
      pull(host, (at) => {
        const { layers } = add(at.registry, "2", "y");
        const bytes = at.registry.blobs.get(layers[0]!.digest);
        return forLayer(at, (response) => void response.end(bytes));
      }),
    twin: (host) => pull(host, (at) => forLayer(at, (response, layer) => void response.end(layer))),
    held: /has the digest sha256:/,
    works: /^pulled$/,
    without: UNCHECKED,
    fallen: /^pulled$/,
  },
  {
    name: "a layer of another size",
    rows: ["suite 11"],
    attack: (host) =>
      pull(host, (at) =>
        forLayer(at, (response, layer) => {
          response.writeHead(200).write(layer);
          response.end(Buffer.alloc(LAYER_BYTES));
        }),
      ),
    twin: (host) =>
      pull(host, (at) =>
        forLayer(at, (response, layer) => {
          response.writeHead(200).write(layer.subarray(0, 100));
          response.end(layer.subarray(100));
        }),
      ),
    held: /longer than the \d+ bytes of the manifest/,
    works: /^pulled$/,
    without: [
      ...UNCHECKED,
      [
        "agent/images/registry/download.ts",
        "if (received.bytes + chunk.length > request.size) {",
        "if (chunk.length < 0) {",
      ],
    ],
    fallen: /^pulled$/,
  },
  {
    name: "a manifest without end",
    rows: ["suite 11"],
    attack: (host) => pull(host, (at) => longManifest(at, LONG_MANIFEST_BYTES)),
    twin: (host) => pull(host, (at) => longManifest(at, 1024 * 1024)),
    held: /longer than \d+ bytes/,
    works: /^pulled$/,
    without: [
      [
        "agent/images/registry/body.ts",
        'Number(response.headers["content-length"] ?? 0) > limits.maxBytes',
        'response.headers["content-length"] === ""',
      ],
      ["agent/images/registry/body.ts", "if (size > limits.maxBytes) throw tooLong();", ""],
      ["agent/images/manifests.ts", "if (bytes.length > limit) throw", "if (bytes.length < 0) throw"],
    ],
    fallen: /^pulled$/,
  },
  {
    name: "a layer that stands still",
    rows: ["suite 11"],
    attack: (host) =>
      pull(host, (at) =>
        forLayer(at, (response, layer) => {
          response.writeHead(200, { "content-length": layer.length }).write(layer.subarray(0, 100));
        }),
      ),
    twin: (host) =>
      pull(host, (at) =>
        forLayer(at, (response, layer) => {
          response.writeHead(200, { "content-length": layer.length }).write(layer.subarray(0, 100));
          setTimeout(() => response.end(layer.subarray(100)), STALL_MS / 10);
        }),
      ),
    held: /stands still/,
    works: /^pulled$/,
    without: [
      ["agent/images/registry/body.ts", "if (this.#bytes >= minBytes) this.#bytes = 0;", "if (stallMs > 0) return;"],
    ],
    fallen: /^goes on without end$/,
  },
  {
    name: "redirects without end",
    rows: ["suite 11"],
    attack: (host) => pull(host, ({ registry }) => void (registry.script = redirects(REDIRECTS))),
    twin: (host) => pull(host, ({ registry }) => void (registry.script = redirects(5))),
    held: /redirects more than 10 times/,
    works: /^pulled$/,
    without: [["agent/images/registry/follow.ts", "hop <= MAX_REDIRECTS", "hop >= 0"]],
    fallen: /^pulled$/,
  },
];
