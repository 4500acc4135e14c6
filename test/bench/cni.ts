// `node test/bench/cni.ts [--quick]`: what it costs to connect a pod by Debian's plugins, beside the plugins run alone, in turns. On a host
// of its own. Alone they are started by a small program, once warm, as a floor: what remains is nodelet's.

import { runOnOwnHost } from "../integration/cni/own-host.ts";

await runOnOwnHost(new URL("cni-inside.ts", import.meta.url).pathname, process.argv.slice(2));
