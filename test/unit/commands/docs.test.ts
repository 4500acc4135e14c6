import { readFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { packageRoot } from "../../../agent/base/paths.ts";
import { cliDocs } from "../../../scripts/cli-docs.ts";

t.test("docs/cli.md is what the commands say of themselves", async (t) => {
  t.equal(
    readFileSync(join(packageRoot(), "docs", "cli.md"), "utf8"),
    await cliDocs(),
    "run `node scripts/cli-docs.ts`",
  );
});
