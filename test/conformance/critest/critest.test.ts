// time limit: 2700 s
// soak limit: 9000 s
// One run of the whole of critest against `nodelet cri`, and one in which the daemon is killed twice. Building critest for the first
// time takes minutes. NODELET_SOAK=1: the full form.

import t from "tap";

import { soaking } from "../../fixtures/soak.ts";
import { FULL_FORM, nameOf, runSeries, type Series } from "./critest.ts";

const SHORT_FORM: readonly Series[] = [
  { options: { procs: 4 }, runs: 1 },
  { options: { procs: 4, kills: 2, focus: "Container runtime should support|Streaming" }, runs: 1 },
];

for (const series of soaking ? FULL_FORM : SHORT_FORM) {
  t.test(
    `${nameOf(series)}: nothing fails, is skipped, is lost or is left but for a reason that is known`,
    async (t) => {
      t.equal(await runSeries(series), series.runs);
    },
  );
}
