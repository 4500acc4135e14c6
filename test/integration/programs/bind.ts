// The name server, by dig in another pod, over UDP and TCP, and by the host's port.

import { Resolver } from "node:dns/promises";

import { replaced, type Asked, type Program } from "./program.ts";

const dig = ({ node, ip }: Asked, ...question: readonly string[]): Promise<string> =>
  node.client("dig", `@${ip}`, "+short", "+tries=5", ...question);

export const bind: Program = {
  name: "bind",
  replaces: false,
  async first(asked) {
    const { t, node } = asked;
    t.equal(await dig(asked, "web.example.internal"), "192.0.2.80\n");
    t.equal(await dig(asked, "+tcp", "TXT", "text.example.internal"), '"first edition"\n');
    t.match(await node.client("dig", `@${asked.ip}`, "none.example.internal"), "NXDOMAIN");
    t.equal((await node.exec("bind", "named", "id", "-u")).trim(), "53");
  },
  async alone({ t, node }) {
    const resolver = new Resolver({ timeout: 10_000, tries: 6 });
    resolver.setServers([`127.0.0.1:${node.hostPort(18_053)}`]);
    t.strictSame(await resolver.resolve4("web.example.internal"), ["192.0.2.80"]);
  },
  async again(asked) {
    asked.t.equal(await dig(asked, "web.example.internal"), "192.0.2.80\n");
  },
  edit: (manifest) =>
    replaced(
      manifest,
      ["hostmaster 1 3600", "hostmaster 2 3600"],
      ['"first edition"', '"second edition"'],
      ["    text  IN", "    mail  IN A   192.0.2.25\n    text  IN"],
    ),
  async edited(asked) {
    const { t, node } = asked;
    await node.answer("bind", "mail", () => node.exec("bind", "named", "cat", "/config/example.internal.zone"));
    await node.exec("bind", "named", "kill", "-HUP", "1");
    await node.answer("bind", "192.0.2.25", () => dig(asked, "mail.example.internal"));
    t.equal(await dig(asked, "TXT", "text.example.internal"), '"second edition"\n');
    t.equal(await dig(asked, "web.example.internal"), "192.0.2.80\n");
  },
};
