// Part of a layout of images, so that a test machine loads no more than it needs.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Descriptor {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const NAME = "org.opencontainers.image.ref.name";

/** Writes an OCI layout with those images of another that have these names. */
export async function copyImages(from: string, to: string, names: readonly string[]): Promise<void> {
  const index = JSON.parse(await readFile(join(from, "index.json"), "utf8")) as { manifests: readonly Descriptor[] };
  const manifests = names.map((name) => {
    const found = index.manifests.find(({ annotations }) => annotations?.[NAME] === name);
    if (found === undefined) throw new Error(`${from} has no image ${name}`);
    return found;
  });
  const blobs = join("blobs", "sha256");
  await mkdir(join(to, blobs), { recursive: true });
  const copy = async ({ digest }: Descriptor): Promise<string> => {
    const path = join(blobs, digest.replace("sha256:", ""));
    await copyFile(join(from, path), join(to, path));
    return join(to, path);
  };
  for (const manifest of manifests) {
    const text = await readFile(await copy(manifest), "utf8");
    const { config, layers } = JSON.parse(text) as { config: Descriptor; layers: readonly Descriptor[] };
    for (const part of [config, ...layers]) await copy(part);
  }
  await copyFile(join(from, "oci-layout"), join(to, "oci-layout"));
  await writeFile(join(to, "index.json"), JSON.stringify({ ...index, manifests }));
}
