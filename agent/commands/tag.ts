// `nodelet tag`

import { defineCommand, EXIT } from "./cli.ts";

export const tagCommand = defineCommand({
  name: "tag",
  summary: "give an image another name",
  usage: ["IMAGE NAME"],
  options: {},
  args: { min: 2, max: 2 },
  async run({ args, client }) {
    await client.post("/nodelet/v1/images/tag", { query: { reference: args[0], name: args[1] } });
    return EXIT.ok;
  },
});
