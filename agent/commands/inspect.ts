// `nodelet inspect`

import { defineCommand, EXIT, NAMESPACE_OPTION, OUTPUT_OPTION, UsageError, type OptionSpecs } from "./cli.ts";
import { formatOf, render } from "./output.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  ...OUTPUT_OPTION,
  output: { kind: "string", short: "o", value: "json|yaml", help: "default yaml on a terminal, else json" },
  container: { kind: "string", short: "c", value: "CONTAINER", help: "this container of the pod" },
  type: { kind: "string", value: "pod|container|image", help: "when a name could mean several" },
} as const satisfies OptionSpecs;

export const inspectCommand = defineCommand({
  name: "inspect",
  summary: "everything known of a pod, a container or an image",
  usage: ["NAME [-c CONTAINER] [--type pod|container|image]"],
  notes:
    "NAME is a pod, POD/CONTAINER, NAMESPACE/POD/CONTAINER, the id of a container or sandbox or its beginning, or an image.",
  options: OPTIONS,
  args: { min: 1, max: 1 },
  async run({ options, args, client, print, streams }) {
    const { type } = options;
    if (type !== undefined && type !== "pod" && type !== "container" && type !== "image") {
      throw new UsageError(`${JSON.stringify(type)} is no type: write pod, container or image`);
    }
    const found = await client.get("/nodelet/v1/inspect", {
      query: { name: args[0], namespace: options.namespace, container: options.container, kind: type },
    });
    await print(await render(found, formatOf(options.output) ?? (streams.stdout.isTTY === true ? "yaml" : "json")));
    return EXIT.ok;
  },
});
