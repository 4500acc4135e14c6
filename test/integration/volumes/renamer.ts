// Exchanges two names as fast as it can, until its parent goes.

import { createLinuxSystem } from "../../../agent/system/linux.ts";
import { AT_FDCWD } from "../../../agent/system/system.ts";

const [one = "", other = ""] = process.argv.slice(2);
const system = createLinuxSystem();
process.on("disconnect", () => process.exit());
process.send?.("ready");
function turn(): void {
  for (let count = 0; count < 1000; count++) system.renameat2(AT_FDCWD, one, AT_FDCWD, other, { exchange: true });
  setImmediate(turn);
}
turn();
