// HAProxy before two servers, by curl in another pod and by the host's port.

import { replaced, type Asked, type Program } from "./program.ts";

/** Who answered of so many requests. */
async function served({ node, ip }: Asked, count = 8): Promise<string> {
  const script = `for n in $(seq ${count}); do curl -sS http://${ip}:8080/name.txt; done`;
  return [...new Set((await node.client("sh", "-c", script)).split("\n").filter(Boolean))].toSorted().join(" ");
}

export const haproxy: Program = {
  name: "haproxy",
  replaces: false,
  async first(asked) {
    // A server that was not there at once is asked again after a second.
    asked.t.ok(await asked.node.answer("haproxy", "blue green", () => served(asked)));
  },
  async alone({ t, node }) {
    t.match(await (await fetch(`http://127.0.0.1:${node.hostPort(18_082)}/name.txt`)).text(), /^(blue|green)\n$/);
  },
  async again(asked) {
    asked.t.match(await served(asked), /^(blue )?green$/);
  },
  edit: (manifest) =>
    replaced(manifest, [
      "check inter 1s\n      server green 127.0.0.1:8082",
      "check inter 1s backup\n      server green 127.0.0.1:8082",
    ]),
  async edited(asked) {
    const { t, node } = asked;
    await node.answer("haproxy", "backup", () => node.exec("haproxy", "haproxy", "cat", "/config/haproxy.cfg"));
    await node.exec("haproxy", "haproxy", "kill", "-USR2", "1");
    t.equal(await node.answer("haproxy", /^green$/, () => served(asked)), "green", "blue stands by");
  },
};
