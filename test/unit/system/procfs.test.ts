import { test } from "tap";
import {
  bootId,
  cgroupOf,
  memoryUse,
  parseSmapsRollup,
  parseStat,
  parseStatus,
  processStat,
  processStatus,
  startTime,
} from "../../../agent/system/procfs.ts";

test("the command of a process may hold brackets and spaces", async (t) => {
  const fields = Array.from({ length: 49 }, (_, index) => String(index + 4)).join(" ");
  t.strictSame(parseStat(`77 (a) R (b c) S ${fields}\n`), {
    pid: 77,
    command: "a) R (b c",
    state: "S",
    parent: 4,
    startTime: 22n,
    minorFaults: 10n,
    majorFaults: 12n,
    userTime: 14n,
    systemTime: 15n,
    threads: 20,
    rss: 24n,
  });
});

test("the control group of a process", async (t) => {
  t.equal(cgroupOf("12:pids:/user\n0::/system.slice/nodelet.service\n"), "/system.slice/nodelet.service");
  t.equal(cgroupOf("0::/\n"), undefined, "the root is nobody's own");
  t.equal(cgroupOf("0::/../outside\n"), undefined);
  t.equal(cgroupOf("3:cpu:/old\n"), undefined);
});

test("status and memory", async (t) => {
  t.equal(parseStatus("Name:\tx\nCapEff:\t00ff\nbroken\n").get("CapEff"), "00ff");
  const text =
    "00400000-7ffe ---p 00000000 00:00 0 [rollup]\nRss:  100 kB\nPss:  40 kB\nPss_Dirty: 1 kB\nPrivate_Dirty: 8 kB\nSwap: 0 kB\n";
  t.strictSame(parseSmapsRollup(text), { rss: 102_400, pss: 40_960, privateDirty: 8_192, swap: 0 });
});

test("this process and one that is not there", async (t) => {
  t.match(bootId(), /^[0-9a-f-]{36}$/);
  t.equal(processStat(process.pid)?.parent, process.ppid);
  t.ok((startTime(process.pid) ?? 0n) > 0n);
  t.equal(processStatus(process.pid)?.get("Pid"), String(process.pid));
  t.ok((memoryUse(process.pid)?.pss ?? 0) > 1_000_000);
  const gone = 2 ** 22 + 1; // beyond the highest that the kernel gives
  t.equal(startTime(gone), undefined);
  t.equal(processStatus(gone), undefined);
  t.equal(memoryUse(gone), undefined);
});
