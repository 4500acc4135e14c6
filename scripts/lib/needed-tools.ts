// Tools that a test file needs and that take long to build: `// needs built: coredns, kubernetes/kubelet` in its first lines.

const HEADER = /^\/\/ needs built: (.+)$/m;

/** Families, and tools as FAMILY/TOOL, as test/conformance/tools/build.ts has them. */
export function neededTools(head: string): readonly string[] {
  return (HEADER.exec(head)?.[1] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
