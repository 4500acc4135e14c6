// nginx, by curl in another pod and by the host's port.

import { replaced, type Asked, type Program } from "./program.ts";

const ask = ({ node, ip }: Asked, ...more: readonly string[]): Promise<string> =>
  node.client("curl", "-sSi", ...more, `http://${ip}:8080/`);

export const nginx: Program = {
  name: "nginx",
  replaces: false,
  async first(asked) {
    const { t, node, ip } = asked;
    t.match(await ask(asked), /X-Configuration: first\r\n[^]*Served from a ConfigMap/);
    t.match(await node.client("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", `http://${ip}:8080/none`), "404");
    t.match(await node.log("nginx", "nginx"), /"GET \/none HTTP\/1.1" 404/, "its log is the container's");
    t.equal((await node.exec("nginx", "nginx", "id", "-u")).trim(), "33");
  },
  async alone({ t, node }) {
    t.match(await (await fetch(`http://127.0.0.1:${node.hostPort(18_081)}/`)).text(), /served from a ConfigMap/i);
  },
  async again(asked) {
    asked.t.match(await ask(asked), /served from a ConfigMap/i);
  },
  edit: (manifest) =>
    replaced(manifest, ["X-Configuration first", "X-Configuration second"], ["<h1>Served", "<h1>Edited and served"]),
  async edited(asked) {
    const { t, node } = asked;
    t.match(
      await node.answer("nginx", "X-Configuration: second", () => ask(asked)),
      "Edited and served from a ConfigMap",
    );
    t.match(await node.log("nginx", "reloader"), /^nginx reads \.\.\S+\n$/, "the sidecar told it once");
  },
};
