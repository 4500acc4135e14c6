// `nodelet rmi`

import { describeError } from "../base/errors.ts";
import { NotRunningError } from "./client.ts";
import { defineCommand, EXIT } from "./cli.ts";

export const rmiCommand = defineCommand({
  name: "rmi",
  summary: "remove images",
  usage: ["[-f] IMAGE..."],
  notes: "A name removes that name, and the image with its last one; an id removes the image with all names.",
  options: {
    force: { kind: "flag", short: "f", help: "even if a container uses it; layers in use stay until it is gone" },
  },
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  async run({ options, args, client, print, warn }) {
    let code: number = EXIT.ok;
    for (const reference of args) {
      try {
        await client.delete("/nodelet/v1/images", { query: { reference, force: options.force } });
        await print(`${reference} removed\n`);
      } catch (error) {
        if (error instanceof NotRunningError) throw error;
        warn(describeError(error));
        code = EXIT.failure;
      }
    }
    return code;
  },
});
