import t from "tap";

import { CpuRates } from "../../../../agent/runtime/stats/cpu-rates.ts";

const at = (milliseconds: number, used: number) => ({
  timestamp: BigInt(milliseconds) * 1_000_000n,
  cpuNanoseconds: BigInt(used) * 1_000_000n,
});

t.test("a rate is that of the time since the reading before", async (t) => {
  const rates = new CpuRates();
  t.equal(rates.next("a", at(10_000, 100)), undefined, "nothing to compare with");
  t.equal(rates.next("a", at(12_000, 1_100)), 500_000_000n);
  t.equal(rates.next("a", at(12_100, 1_300)), 571_428_571n, "readings that are near to each other share one");
  t.equal(rates.next("b", at(2_000, 500), at(1_000, 0)), 500_000_000n, "since the counter began");
});

t.test("a clock that is set back, and what is gone", async (t) => {
  const rates = new CpuRates();
  rates.next("a", at(10_000, 100));
  t.equal(rates.next("a", at(5_000, 200)), undefined);
  t.equal(rates.next("a", at(6_000, 700)), 500_000_000n, "goes on from there");
  rates.retain((key) => key !== "a");
  t.equal(rates.next("a", at(8_000, 800)), undefined);
});
