// Manifests of pods: every text is read into documents and problems, and every document into a pod or problems.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodePod } from "../../agent/pods/schema/decode.ts";
import { parseContent } from "../../agent/sources/documents.ts";
import { fuzz } from "./harness.ts";

const examples = join(import.meta.dirname, "..", "..", "examples");
const seeds = readdirSync(examples)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(join(examples, name)));
const json = JSON.stringify({
  apiVersion: "v1",
  kind: "PodList",
  items: [{ metadata: { name: "a" }, spec: { containers: [] } }],
});

async function run(input: Buffer): Promise<string> {
  const { documents, problems } = await parseContent(input.toString("utf8"), "fuzz.yaml");
  const answers = problems.map((problem) => problem.message.replaceAll(/"[^"]*"|[0-9]+/g, "").slice(0, 60));
  for (const { value, locate } of documents) {
    try {
      const decoded = decodePod(value, { origin: "fuzz.yaml", locate });
      if (decoded.pod.metadata.name === "") throw new Error("a pod without a name");
      answers.push("pod");
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "NodeletError") throw error;
      answers.push(error.message.replaceAll(/"[^"]*"|[0-9]+/g, "").slice(0, 60));
    }
  }
  return answers.slice(0, 3).join(" ");
}

fuzz([
  {
    name: "pod-manifest",
    run,
    seeds: [...seeds, json],
    dictionary: [
      ..."apiVersion kind metadata spec containers volumes env command resources limits securityContext".split(" "),
      ..."__proto__ constructor toString hasOwnProperty prototype".split(" "),
      ..."&a *a !!binary !!set !!js/function << --- ... | > ? - : null ~ .inf .nan 1e999 0o7 12:30:45 2001-01-01".split(
        " ",
      ),
      "\n---\n",
      "\n  ",
      "{",
      "}",
      "[",
      "]",
      "\t",
      "\u2028",
      "\ufeff",
      "- &x [*x, *x]\n",
      "? {a: b}\n: c\n",
    ],
    count: 1500,
    maxBytes: 8192,
  },
]);
