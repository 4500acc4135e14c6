// Registries that lie, stand still, never end, or send us elsewhere. Each case has a harmless twin; after each, nothing is
// listed, no file is left, and no credential went where it does not belong.
// time limit: 300 s

import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { sha256, type WrittenImage } from "../../../scripts/lib/oci-layout.ts";
import { buildTar } from "../../../scripts/lib/tar.ts";
import { basic } from "../../fixtures/registry.ts";
import { ScriptedRegistry, type Script, type SeenRequest } from "../../fixtures/scripted-registry.ts";
import { leftovers, openImages, scratch } from "./support.ts";

/** Enough for several chunks on the network. */
const LAYER_BYTES = 1_500_000;
const registryOptions = { retry: { attempts: 2, baseMs: 10, maxMs: 30, maxRetryAfterMs: 2_500 } };
/** For what stands still. Where this machine itself does, there are attempts to spare. */
const hastyOptions = { stallMs: 1_000, retry: { ...registryOptions.retry, attempts: 4 } };
const limits = { ratioFrom: 2_000_000, maxRatio: 100, maxBytes: 50_000_000 };

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const USER = { username: "carol", password: "pass phrase" };

interface Context {
  readonly registry: ScriptedRegistry;
  /** Another origin. */
  readonly other: ScriptedRegistry;
  /** Of the image that is pulled. */
  readonly image: WrittenImage;
}

interface Case {
  readonly name: string;
  /** What is served besides the image; gives the tag to pull. @default "1" */
  readonly prepare?: (context: Context) => string;
  readonly hostile: (context: Context) => Script | undefined;
  readonly error: RegExp;
  /** The same done honestly, or once and then well. */
  readonly twin: (context: Context) => Script | undefined;
  readonly twinTag?: (context: Context) => string;
  readonly signsIn?: boolean;
  /** A limit of time is what ends it. */
  readonly standsStill?: boolean;
  readonly check?: (context: Context, say: (ok: boolean, what: string) => void) => void;
}

const isBlob = ({ path }: SeenRequest, digest: string): boolean => path.endsWith(`/blobs/${digest}`);
const isManifest = ({ path }: SeenRequest): boolean => path.includes("/manifests/");
const large = ({ image }: Context): string => image.layers[0]!.digest;

/** Only the first of the requests that it answers. */
function once(script: Script): Script {
  let done = false;
  return (request, response) => !done && (done = script(request, response));
}

/** For the large layer. */
function layer(
  context: Context,
  answer: (response: ServerResponse, data: Uint8Array, request: SeenRequest) => void,
): Script {
  return (request, response) => {
    if (!isBlob(request, large(context))) return false;
    answer(response, context.registry.blobs.get(large(context))!, request);
    return true;
  };
}

function forManifest(answer: (response: ServerResponse) => void): Script {
  return (request, response) => {
    if (!isManifest(request)) return false;
    answer(response);
    return true;
  };
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end();

/** Until the other side has enough. */
function endless(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, headers);
  const chunk = Buffer.alloc(64 * 1024, " ");
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
}

const cutAt = (context: Context, bytes: number): Script =>
  layer(context, (response, data, { range }) => {
    if (range !== undefined) return void response.destroy();
    response.writeHead(200, { "content-length": data.length });
    response.write(data.subarray(0, bytes), () => setTimeout(() => response.destroy(), 100));
  });

function manifestOf(image: WrittenImage, change: object): Buffer {
  const { config } = image;
  const layers = image.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, ...change }));
}

const withLayer = ({ image }: Context, change: object): Buffer => {
  const [first, ...rest] = image.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  return manifestOf(image, { layers: [{ ...first, ...change }, ...rest] });
};

const tagged =
  (mediaType: string, data: (context: Context) => Uint8Array | string) =>
  (context: Context): string => {
    context.registry.addManifest("a/b", "lie", mediaType, data(context));
    return "lie";
  };

const nothing = (): undefined => undefined;

const cases: readonly Case[] = [
  {
    name: "a layer that is cut off",
    hostile: (context) => cutAt(context, 700_000),
    error: /cut off|Cannot reach|closed the connection/,
    twin: (context) => once(cutAt(context, 700_000)),
    check: ({ registry, image }, say) =>
      say(
        registry.requests.some(
          (request) => isBlob(request, image.layers[0]!.digest) && /^bytes=\d+-$/.test(request.range ?? ""),
        ),
        "it goes on where it was cut",
      ),
  },
  {
    name: "a layer that stands still",
    standsStill: true,
    hostile: (context) =>
      layer(
        context,
        (response, data) =>
          void response.writeHead(200, { "content-length": data.length }).write(data.subarray(0, 1000)),
      ),
    error: /stands still/,
    twin: (context) =>
      once(
        layer(
          context,
          (response, data) =>
            void response.writeHead(200, { "content-length": data.length }).write(data.subarray(0, 400_000)),
        ),
      ),
  },
  {
    name: "a layer that drips",
    standsStill: true,
    hostile: (context) =>
      layer(context, (response, data) => {
        response.writeHead(200, { "content-length": data.length });
        const drip = setInterval(() => response.write("x"), 50);
        response.on("close", () => clearInterval(drip));
      }),
    error: /stands still/,
    twin: (context) =>
      layer(context, (response, data) => {
        response.writeHead(200, { "content-length": data.length });
        let at = 0;
        const drip = setInterval(() => {
          response.write(data.subarray(at, at + 200_000));
          at += 200_000;
          if (at >= data.length) response.end();
        }, 50);
        response.on("close", () => clearInterval(drip));
      }),
  },
  {
    name: "no answer at all",
    standsStill: true,
    hostile: () => forManifest(() => undefined),
    error: /did not answer within/,
    twin: () => once(forManifest(() => undefined)),
  },
  {
    name: "a layer that is too short",
    hostile: (context) => layer(context, (response, data) => void response.writeHead(200).end(data.subarray(0, 1000))),
    error: /has 1000 bytes, and the manifest says/,
    twin: (context) => layer(context, (response, data) => void response.writeHead(200).end(data)),
  },
  {
    name: "a layer that is too long",
    hostile: (context) =>
      layer(context, (response, data) => {
        response.writeHead(200);
        response.write(data);
        response.end("more");
      }),
    error: /longer than the \d+ bytes of the manifest/,
    twin: (context) =>
      layer(context, (response, data) => {
        response.writeHead(200);
        response.write(data.subarray(0, 10));
        response.end(data.subarray(10));
      }),
  },
  {
    name: "a layer without end",
    hostile: (context) => layer(context, (response) => endless(response)),
    error: /longer than the \d+ bytes of the manifest/,
    twin: nothing,
  },
  {
    name: "a content-length that lies",
    hostile: (context) =>
      layer(context, (response, data) => void response.writeHead(200, { "content-length": data.length + 5 }).end(data)),
    error: /comes with \d+ bytes, and the manifest says/,
    twin: (context) =>
      layer(context, (response, data) => void response.writeHead(200, { "content-length": data.length }).end(data)),
  },
  {
    name: "a descriptor's size that lies",
    prepare: tagged(OCI_MANIFEST, (context) => withLayer(context, { size: 1000 })),
    hostile: nothing,
    error: /comes with \d+ bytes, and the manifest says 1000/,
    twin: nothing,
    twinTag: tagged(OCI_MANIFEST, (context) => withLayer(context, {})),
  },
  {
    name: "other bytes of the same length",
    hostile: (context) =>
      layer(context, (response, data) => {
        const changed = Buffer.from(data);
        changed[1000]! ^= 1;
        response.writeHead(200, { "content-length": data.length }).end(changed);
      }),
    error: /The layer sha256:\w+ has the digest sha256:/,
    twin: (context) =>
      layer(context, (response, data) => void response.writeHead(200, { "content-length": data.length }).end(data)),
  },
  {
    name: "the wrong part of a layer after a cut",
    hostile: (context) => {
      const cut = cutAt(context, 700_000);
      return layer(context, (response, data, request) => {
        if (request.range === undefined) return void cut(request, response);
        response.writeHead(206, { "content-range": `bytes 5-${data.length - 1}/${data.length}` }).end(data.subarray(5));
      });
    },
    error: /another part than was asked for/,
    // One that knows no ranges sends the whole again.
    twin: (context) => {
      const first = once(cutAt(context, 700_000));
      return layer(context, (response, data, request) => {
        if (first(request, response)) return;
        response.writeHead(200, { "content-length": data.length }).end(data);
      });
    },
  },
  {
    name: "a layer that is not there",
    hostile: (context) => layer(context, status(404)),
    error: /HTTP status 404/,
    twin: nothing,
  },
  {
    name: "a server's error",
    hostile: (context) => layer(context, status(500)),
    error: /HTTP status 500/,
    twin: (context) => once(layer(context, status(503))),
  },
  {
    name: "a pause longer than we wait",
    hostile: () => forManifest(status(429, { "retry-after": "86400" })),
    error: /HTTP status 429/,
    twin: () => once(forManifest(status(429, { "retry-after": "1" }))),
  },
  {
    name: "an error without end",
    hostile: () =>
      forManifest((response) => {
        response.writeHead(404, { "content-type": "application/json" });
        const more = (): void => {
          while (!response.destroyed && response.write(" ".repeat(64 * 1024)));
        };
        response.on("drain", more);
        more();
      }),
    error: /HTTP status 404/,
    twin: nothing,
  },
  {
    name: "a manifest without end",
    hostile: () => forManifest((response) => endless(response, { "content-type": OCI_MANIFEST })),
    error: /longer than 4194304 bytes/,
    twin: nothing,
  },
  {
    name: "a configuration without end",
    hostile:
      ({ image }) =>
      (request, response) => {
        if (!isBlob(request, image.config.digest)) return false;
        endless(response);
        return true;
      },
    error: /configuration .* is longer than/,
    twin: nothing,
  },
  {
    name: "a configuration of another digest",
    hostile:
      ({ image, registry }) =>
      (request, response) => {
        if (!isBlob(request, image.config.digest)) return false;
        response.end(Buffer.from(registry.blobs.get(image.config.digest)!).toString().replace("1970", "1971"));
        return true;
      },
    error: /configuration .* should have the digest/,
    twin: nothing,
  },
  {
    name: "headers without end",
    hostile: () => forManifest((response) => void response.writeHead(200, { "x-long": "x".repeat(60_000) }).end()),
    error: /headers of more than/,
    twin: (context) => (request, response) => {
      response.setHeader("x-long", "x".repeat(10_000));
      context.registry.serve(request, response);
      return true;
    },
  },
  {
    name: "a switch to another protocol",
    hostile: () => (request, response) => {
      if (!isManifest(request)) return false;
      response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
      return true;
    },
    error: /without an answer|connection/,
    twin: nothing,
  },
  {
    name: "no HTTP",
    hostile: () => (request, response) => {
      if (!isManifest(request)) return false;
      response.socket?.end("SSH-2.0-OpenSSH\r\n");
      return true;
    },
    error: /does not speak HTTP/,
    twin: nothing,
  },
  {
    name: "redirects without end",
    hostile: () => (request, response) => {
      if (!isManifest(request)) return false;
      const step = Number(request.query.get("step") ?? 0);
      response.writeHead(307, { location: `${request.path}?step=${step + 1}` }).end();
      return true;
    },
    error: /redirects more than 10 times/,
    twin: () => (request, response) => {
      const step = Number(request.query.get("step") ?? 0);
      if (!isManifest(request) || step >= 9) return false;
      response.writeHead(307, { location: `${request.path}?step=${step + 1}` }).end();
      return true;
    },
  },
  {
    name: "a redirect to what is no web address",
    hostile: () => forManifest(status(302, { location: "file:///etc/shadow" })),
    error: /away from TLS|no URL/,
    twin: () =>
      once((request, response) => isManifest(request) && (status(302, { location: request.path })(response), true)),
  },
  {
    name: "another origin that asks for credentials",
    signsIn: true,
    hostile: (context) => {
      context.other.script = (_request, response) => {
        response.writeHead(401, { "www-authenticate": 'Basic realm="give"' }).end();
        return true;
      };
      return signedIn(context, layer(context, status(307, { location: `http://${context.other.address}/layer` })));
    },
    error: /the place that .* sends us to answers with HTTP status 401/,
    twin: (context) => {
      context.other.script = (_request, response) => {
        response.end(context.registry.blobs.get(large(context)));
        return true;
      };
      return signedIn(context, layer(context, status(307, { location: `http://${context.other.address}/layer` })));
    },
    check: ({ other, registry }, say) => {
      say(other.requests.length > 0, "the other origin was asked");
      say(
        registry.requests.some(({ authorization }) => authorization !== undefined),
        "the registry got credentials",
      );
    },
  },
  {
    name: "a token service without TLS",
    signsIn: true,
    hostile: ({ registry }) => unauthorized(`Bearer realm="http://192.0.2.1/token",service="${registry.address}"`),
    error: /credentials would go to http:\/\/192\.0\.2\.1 without TLS/,
    twin: (context) => tokenService(context, '{"token":"good"}'),
  },
  {
    name: "a token without end",
    hostile: (context) => tokenService(context, undefined),
    error: /token .* is longer than/,
    twin: (context) => tokenService(context, '{"access_token":"good"}'),
  },
  {
    name: "a token that would be two headers",
    hostile: (context) => tokenService(context, JSON.stringify({ token: "good\r\nx-other: 1" })),
    error: /what no header can/,
    twin: (context) => tokenService(context, '{"token":"good","expires_in":"soon"}'),
  },
  {
    name: "credentials that are refused for ever",
    signsIn: true,
    hostile: () => unauthorized('Basic realm="x"'),
    error: /refuses the credentials/,
    twin: (context) => signedIn(context, () => false),
  },
  {
    name: "a page in place of a manifest",
    prepare: tagged("text/html", () => "<html>log in</html>"),
    hostile: nothing,
    error: /is not JSON|neither a manifest/,
    twin: nothing,
    twinTag: tagged("application/json", (context) => manifestOf(context.image, {})),
  },
  {
    name: "a manifest that comes as an index",
    prepare: tagged(OCI_INDEX, (context) => manifestOf(context.image, {})),
    hostile: nothing,
    error: /comes as .*index.*, and it is .*manifest/,
    twin: nothing,
    twinTag: tagged(`${OCI_MANIFEST}; charset=utf-8`, (context) => manifestOf(context.image, {})),
  },
  {
    name: "a manifest that is an index too",
    prepare: tagged(OCI_MANIFEST, (context) => manifestOf(context.image, { manifests: [] })),
    hostile: nothing,
    error: /an index and a manifest at once/,
    twin: nothing,
    twinTag: tagged(OCI_MANIFEST, (context) => manifestOf(context.image, { annotations: {} })),
  },
  {
    name: "a manifest of schema 1",
    prepare: tagged("application/vnd.docker.distribution.manifest.v1+prettyjws", () =>
      JSON.stringify({ schemaVersion: 1, name: "a/b", tag: "lie", fsLayers: [], history: [] }),
    ),
    hostile: nothing,
    error: /schema 1/,
    twin: nothing,
  },
  {
    name: "a tag whose digest lies",
    hostile: ({ registry }) => {
      registry.moreHeaders = { "docker-content-digest": sha256(Buffer.from("other")) };
      return undefined;
    },
    error: /should have the digest/,
    twin: ({ registry }) => {
      registry.moreHeaders = {};
      return undefined;
    },
  },
  {
    name: "an index in an index in an index",
    prepare: ({ registry, image }) => {
      const host = { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" };
      let inner: { digest: string; size: number; mediaType: string } = image.manifest;
      for (let depth = 0; depth < 5; depth++) {
        const data = Buffer.from(
          JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ ...inner, platform: host }] }),
        );
        inner = { digest: sha256(data), size: data.length, mediaType: OCI_INDEX };
        registry.addManifest("a/b", inner.digest, OCI_INDEX, data);
        registry.addManifest("a/b", `depth${depth + 1}`, OCI_INDEX, data);
      }
      return "depth5";
    },
    hostile: nothing,
    error: /too many others/,
    twin: nothing,
    twinTag: () => "depth3",
  },
  {
    name: "more layers than overlayfs takes",
    prepare: tagged(OCI_MANIFEST, ({ image }) =>
      manifestOf(image, { layers: Array.from({ length: 501 }, () => image.layers[0]) }),
    ),
    hostile: nothing,
    error: /501 layers/,
    twin: nothing,
  },
  {
    name: "a layer that unpacks to something else",
    prepare: ({ registry }) => {
      const tar = buildTar([{ name: "f", content: "x" }]);
      const source = { layers: [{ tar, claimedDiffId: sha256(Buffer.from("other")) }] };
      registry.add("a/b", "lie", source);
      return "lie";
    },
    hostile: nothing,
    error: /unpacked layer has the digest/,
    twin: nothing,
  },
  {
    name: "a decompression bomb",
    prepare: ({ registry }) => {
      registry.add("a/b", "lie", { layers: [{ tar: [{ name: "f", content: "\0".repeat(8_000_000) }] }] });
      return "lie";
    },
    hostile: nothing,
    error: /decompression bomb/,
    twin: nothing,
    twinTag: ({ registry }) => {
      registry.add("a/b", "dense", { layers: [{ tar: [{ name: "f", content: "\0".repeat(1_500_000) }] }] });
      return "dense";
    },
  },
  {
    name: "a layer that only another place has",
    prepare: (context) => {
      context.registry.addManifest(
        "a/b",
        "lie",
        OCI_MANIFEST,
        manifestOf(context.image, {
          layers: [
            {
              mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
              digest: sha256(Buffer.from("elsewhere")),
              size: 9,
              urls: [`http://${context.other.address}/foreign`],
            },
            ...context.image.layers.slice(1).map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
          ],
        }),
      );
      return "lie";
    },
    hostile: nothing,
    error: /HTTP status 404/,
    twin: nothing,
    twinTag: (context) => {
      const urls = [`http://${context.other.address}/foreign`];
      context.registry.addManifest("a/b", "urls", OCI_MANIFEST, withLayer(context, { urls }));
      return "urls";
    },
    check: ({ other }, say) => say(other.requests.length === 0, "the other place was never asked"),
  },
];

/** The script for whoever has signed in, a Basic challenge for others. */
function signedIn(_context: Context, script: Script): Script {
  return (request, response) => {
    if (request.authorization === basic(USER.username, USER.password)) return script(request, response);
    response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    return true;
  };
}

function unauthorized(challenge: string): Script {
  return (_request, response) => {
    response.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  };
}

/** The registry wants the token `good`; its service answers with the text, or without end. */
function tokenService({ registry }: Context, answer: string | undefined): Script {
  return (request, response) => {
    if (request.path === "/token") {
      if (answer === undefined) endless(response);
      else response.end(answer);
      return true;
    }
    if (request.authorization === "Bearer good") return false;
    response
      .writeHead(401, { "www-authenticate": `Bearer realm="http://${registry.address}/token",service="s"` })
      .end();
    return true;
  };
}

test("hostile registries and their twins", async (t) => {
  const directory = scratch(t);
  const patient = await openImages(t, join(directory, "patient"), { registry: registryOptions, limits });
  const hasty = await openImages(t, join(directory, "hasty"), { registry: hastyOptions, limits });
  await using registry = await ScriptedRegistry.start();
  await using other = await ScriptedRegistry.start();
  for (const [index, item] of cases.entries()) {
    const { images, directory: stateDir } = item.standsStill === true ? hasty : patient;
    const content = randomBytes(LAYER_BYTES);
    const image = registry.add("a/b", "1", {
      layers: [{ tar: [{ name: "large", content }] }, { tar: [{ name: "small", content: `${index}` }] }],
    });
    const context: Context = { registry, other, image };
    const auth = item.signsIn === true ? USER : undefined;
    other.requests.length = 0;
    registry.requests.length = 0;

    const tag = item.prepare?.(context) ?? "1";
    registry.script = item.hostile(context);
    const error: unknown = await images
      .pull(`${registry.address}/a/b:${tag}`, { auth })
      .catch((thrown: unknown) => thrown);
    t.match(describeError(error), item.error, `${item.name}: fails for its reason`);
    t.match(describeError(error), registry.address, `${item.name}: names the image`);
    t.strictSame(images.list(), [], `${item.name}: nothing is listed`);
    t.strictSame(images.pulls(), [], `${item.name}: nothing goes on`);
    t.strictSame(leftovers(stateDir), [], `${item.name}: nothing is left`);

    const twinTag = item.twinTag?.(context) ?? "1";
    registry.script = item.twin(context);
    const twin = await images.pull(`${registry.address}/a/b:${twinTag}`, { auth }).catch((thrown: unknown) => thrown);
    t.notOk(twin instanceof Error, `${item.name}: the twin is pulled`, { error: describeError(twin) });
    item.check?.(context, (ok, what) => t.ok(ok, `${item.name}: ${what}`));
    t.strictSame(
      other.requests.filter(({ authorization }) => authorization !== undefined),
      [],
      `${item.name}: no credential goes elsewhere`,
    );
    if (twinTag !== "1" || tag !== "1") registry.script = undefined;
    for (const { id } of images.list()) await images.remove(id);
    t.strictSame(leftovers(stateDir), [], `${item.name}: nothing is left of the twin`);
    other.script = undefined;
    registry.script = undefined;
  }
});

test("a mirror that lies is passed by", async (t) => {
  const directory = scratch(t);
  await using mirror = await ScriptedRegistry.start();
  await using registry = await ScriptedRegistry.start();
  const source = { layers: [{ tar: [{ name: "f", content: randomBytes(LAYER_BYTES) }] }] };
  const image = registry.add("a/b", "1", source);
  const certs = join(directory, "certs.d");
  mkdirSync(join(certs, "_default"), { recursive: true });
  writeFileSync(
    join(certs, "_default", "hosts.toml"),
    `[host."http://${mirror.address}"]\n[host."http://${mirror.address}".header]\nx-secret = "of the mirror"\n`,
  );
  const { images, directory: stateDir } = await openImages(t, directory, {
    registry: { ...registryOptions, configPaths: [certs] },
  });
  const reference = `${registry.address}/a/b:1`;
  const lies: [string, Script][] = [
    ["404", (_request, response) => (response.writeHead(404).end(), true)],
    ["500", (_request, response) => (response.writeHead(500).end(), true)],
    ["a manifest of nonsense", (_request, response) => (response.end("nonsense"), true)],
    [
      "a layer of another digest",
      (request, response) => {
        if (isManifest(request) || !isBlob(request, image.layers[0]!.digest)) return false;
        response.end(Buffer.alloc(image.layers[0]!.size));
        return true;
      },
    ],
  ];
  for (const [what, script] of lies) {
    mirror.script = script;
    if (what.startsWith("a layer")) mirror.add("a/b", "1", source);
    const before = mirror.requests.length;
    t.equal((await images.pull(reference)).id, image.config.digest, what);
    t.ok(mirror.requests.length > before, `${what}: the mirror was asked first`);
    t.match(mirror.requests.at(-1)?.query.get("ns"), registry.address, "and told for which registry");
    await images.remove(reference);
    t.strictSame(leftovers(stateDir), []);
  }
  mirror.script = undefined;
  registry.requests.length = 0;
  t.ok(await images.pull(reference));
  t.strictSame(registry.requests, [], "a mirror that has all is enough");
});
