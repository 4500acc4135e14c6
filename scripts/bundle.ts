// Builds dist/nodelet.js and the worker and helper entries beside it from agent/base/entry.ts's list.
// Modules that are imported lazily become files of their own in dist/chunks, so what is not used is not loaded.

import { existsSync } from "node:fs";
import { readFile, readdir, rm, stat } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { entries } from "../agent/base/entry.ts";
import { packageRoot } from "../agent/base/paths.ts";

const root = packageRoot();
const dist = join(root, "dist");
const present = Object.entries(entries).filter(([, source]) => existsSync(join(root, source)));

if (!present.some(([name]) => name === "nodelet")) {
  console.error(`bundle: there is no ${entries.nodelet} yet, nothing built`);
  process.exit(0);
}

// koffi finds its prebuilt library beside its own package; it is loaded only where a GPU is asked for.
const external = ["koffi"];

const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };

/**
 * A CommonJS package that is imported lazily becomes a chunk with nothing but a default export, while Node.js gives it
 * named ones too. So between import and package stands a module that names them.
 */
const lazyPackages: Plugin = {
  name: "lazy-packages",
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, ({ path, kind, namespace, resolveDir }) => {
      if (kind !== "dynamic-import" || namespace === "lazy" || isBuiltin(path) || external.includes(path)) return null;
      return { path, namespace: "lazy", pluginData: { resolveDir } };
    });
    builder.onLoad({ filter: /.*/, namespace: "lazy" }, async ({ path, pluginData }) => {
      const { resolveDir } = pluginData as { resolveDir: string };
      const names = Object.keys((await import(path)) as object).filter((name) => /^[\w$]+$/.test(name));
      return { contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`, resolveDir };
    });
  },
};

const result = await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(present),
  outdir: dist,
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node26",
  sourcemap: "external",
  legalComments: "none",
  // The engine keeps the text of what runs: 1 MB less of it. The source maps tell lines of stack traces.
  minifyWhitespace: true,
  external,
  plugins: [lazyPackages],
  define: { "process.env.NODELET_VERSION": JSON.stringify(version) },
  // CommonJS packages inside an ES module bundle still call require() and read __dirname.
  banner: {
    js: [
      'import { createRequire as __nodeletCreateRequire } from "node:module";',
      "const require = __nodeletCreateRequire(import.meta.url);",
      "const __filename = import.meta.filename, __dirname = import.meta.dirname;",
    ].join("\n"),
  },
  metafile: true,
  logLevel: "warning",
});

// What an earlier build left is removed last, so that dist/ is whole at every moment.
const outputs = new Set(Object.keys(result.metafile.outputs).map((path) => join(root, path)));
for (const name of await readdir(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!outputs.has(path) && (await stat(path)).isFile()) await rm(path);
}

const { size } = await stat(join(dist, "nodelet.js"));
const files = Object.keys(result.metafile.outputs).filter((path) => path.endsWith(".js")).length;
console.error(`bundle: dist/nodelet.js (${Math.round(size / 1024)} KiB) and ${files - 1} more files`);
