// `node test/bench/cni.ts [--quick]`: what it costs to connect a pod by Debian's bridge plugin, beside the plugin run alone, in one run. On a host
// of its own. The plugin alone is started by a small program, once warm, as a floor: what remains is nodelet's.

import { runOnOwnHost } from "../integration/cni/own-host.ts";

await runOnOwnHost(new URL("cni-inside.ts", import.meta.url).pathname, process.argv.slice(2));
