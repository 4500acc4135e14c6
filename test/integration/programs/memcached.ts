// memcached, by the clients of libmemcached in another pod.

import { replaced, type Asked, type Program } from "./program.ts";

const call = ({ node, ip }: Asked, command: string, ...rest: readonly string[]): Promise<string> =>
  node.client(command, `--servers=${ip}`, ...rest);

export const memcached: Program = {
  name: "memcached",
  replaces: true,
  async first(asked) {
    const { t, node } = asked;
    await node.client("sh", "-c", "echo cached > /tmp/item");
    await call(asked, "memccp", "/tmp/item");
    t.match(await call(asked, "memccat", "item"), "cached");
    t.match(await call(asked, "memcstat"), new RegExp(`limit_maxbytes: ${64 * 1024 * 1024}\n`));
  },
  async again(asked) {
    asked.t.match(await call(asked, "memcping"), "");
  },
  edit: (manifest) => replaced(manifest, ['value: "64"', 'value: "32"']),
  async edited(asked) {
    const { t } = asked;
    t.match(await call(asked, "memcstat"), new RegExp(`limit_maxbytes: ${32 * 1024 * 1024}\n`));
    t.notMatch(await call(asked, "memccat", "item").catch(String), /^cached/, "another process begins empty");
  },
};
