import { test } from "tap";

import { diskVolumes, hasStorageLimits, storageExcess } from "../../../agent/pods/storage-limits.ts";
import { decoded } from "./node.ts";

const Mi = 2 ** 20;

function container(name: string, limit?: string): object {
  return {
    name,
    image: "i:1",
    ...(limit === undefined ? {} : { resources: { limits: { "ephemeral-storage": limit } } }),
  };
}

test("what is held against what", async (t) => {
  const volumes = [
    { name: "a", emptyDir: { sizeLimit: "1Mi" } },
    { name: "m", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
  ];
  const table: [spec: object, usage: Record<string, number>, message: string | undefined][] = [
    [{ volumes }, { a: Mi }, undefined],
    [{ volumes }, { a: Mi + 1 }, 'Usage of EmptyDir volume "a" exceeds the limit "1Mi". '],
    [{ volumes }, { m: 2 * Mi }, undefined],
    [
      { containers: [container("main", "1Mi"), container("other")] },
      { main: Mi + 1 },
      'Container main exceeded its local ephemeral storage limit "1Mi". ',
    ],
    [{ containers: [container("main", "1Mi"), container("other")] }, { main: Mi, other: 9 * Mi }, undefined],
    [
      { volumes, containers: [container("main", "1Mi"), container("other", "1Mi")] },
      { main: Mi, other: Mi, a: 1 },
      "Pod ephemeral local storage usage exceeds the total limit of containers 2097152. ",
    ],
  ];
  for (const [spec, usage, message] of table) {
    const { pod } = decoded("p", spec);
    const pick = (names: readonly string[]): Map<string, number> =>
      new Map(names.filter((name) => name in usage).map((name) => [name, usage[name] ?? 0]));
    const found = storageExcess(pod, {
      volumes: pick(diskVolumes(pod)),
      containers: pick(pod.spec.containers.map(({ name }) => name)),
    });
    t.equal(found?.message, message);
    if (found !== undefined) t.match(found, { reason: "Evicted", graceSeconds: 1 });
  }
});

test("only pods with limits are measured", async (t) => {
  t.notOk(hasStorageLimits(decoded("p").pod));
  t.notOk(hasStorageLimits(decoded("p", { volumes: [{ name: "a", emptyDir: {} }] }).pod));
  t.ok(hasStorageLimits(decoded("p", { volumes: [{ name: "a", emptyDir: { sizeLimit: "1" } }] }).pod));
  t.ok(hasStorageLimits(decoded("p", { containers: [container("main", "1")] }).pod));
});
