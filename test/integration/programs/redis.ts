// Redis, by redis-cli in another pod.

import { replaced, type Asked, type Program } from "./program.ts";

const cli = ({ node, ip }: Asked, ...command: readonly string[]): Promise<string> =>
  node.client("redis-cli", "--no-auth-warning", "-h", ip, "-a", "please-change-me", ...command);

export const redis: Program = {
  name: "redis",
  replaces: true,
  async first(asked) {
    const { t, node, ip } = asked;
    t.match(await node.client("redis-cli", "-h", ip, "ping"), "NOAUTH");
    t.equal(await cli(asked, "set", "left", "here"), "OK\n");
    t.equal(await cli(asked, "config", "get", "maxmemory"), `maxmemory\n${64 * 1024 * 1024}\n`);
  },
  async again(asked) {
    asked.t.equal(await cli(asked, "get", "left"), "here\n");
  },
  edit: (manifest) =>
    replaced(manifest, ["maxmemory 64mb", "maxmemory 96mb"], ['configuration: "1"', 'configuration: "2"']),
  async edited(asked) {
    const { t } = asked;
    t.equal(await cli(asked, "config", "get", "maxmemory"), `maxmemory\n${96 * 1024 * 1024}\n`);
    t.equal(await cli(asked, "get", "left"), "here\n");
  },
};
