// A batch of Debian's cron: what its jobs leave on the host, and its log.

import { execFileSync } from "node:child_process";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { replaced, type Asked, type Program } from "./program.ts";

const backups = ({ node }: Asked, kind: string): string[] =>
  globSync(join(node.data, "backups", `*-${kind}.tar.gz`)).toSorted();

async function backup(asked: Asked, kind: string): Promise<void> {
  const { t, node } = asked;
  const file = await node.until(`a backup of kind ${kind}`, "cron", () => Promise.resolve(backups(asked, kind)[0]));
  t.match(execFileSync("tar", ["-tzf", file], { encoding: "utf8" }), "./precious\n");
  await node.answer("cron", new RegExp(`^backup: ${kind}: \\d+ bytes`, "m"), () => node.log("cron", "cron"));
}

export const cron: Program = {
  name: "cron",
  replaces: false,
  async first(asked) {
    writeFileSync(join(asked.node.data, "source", "precious"), "data\n");
    await backup(asked, "every-minute");
  },
  async again(asked) {
    asked.t.not(backups(asked, "every-minute").length, 0);
  },
  edit: (manifest) => replaced(manifest, ["backup.sh every-minute", "backup.sh edited"]),
  async edited(asked) {
    const before = backups(asked, "every-minute");
    await backup(asked, "edited");
    asked.t.ok(
      before.every((file) => backups(asked, "every-minute").includes(file)),
      "what was kept is still there",
    );
  },
};
