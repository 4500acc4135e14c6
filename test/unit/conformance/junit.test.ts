import t from "tap";

import { judge, unexpected } from "../../conformance/expectations.ts";
import { readJunit } from "../../conformance/junit.ts";
import { reportText } from "../../conformance/report.ts";

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="6" failures="1">
  <testsuite name="CRI validation">
    <testcase name="[It] one &lt;is&gt; fine" classname="CRI validation" status="passed" time="1.5"></testcase>
    <testcase name="[It] two" status="failed" time="0.25">
      <failure message="expected &#34;a&#34;&#xA;got b" type="failed">there</failure>
      <system-err>&gt; log</system-err>
    </testcase>
    <testcase name="[It] three" status="skipped" time="0"><skipped message="skipped - no handler"></skipped></testcase>
    <testcase name="[It] four" status="skipped" time="0"><skipped message="skipped"></skipped></testcase>
    <testcase name="[It] five" status="passed" time="2"/>
    <testcase name="[SynchronizedBeforeSuite]" status="passed" time="3"/>
  </testsuite>
</testsuites>`;

t.test("what ginkgo writes", async (t) => {
  t.same(readJunit(XML), [
    { name: "[It] one <is> fine", outcome: "passed", seconds: 1.5, message: "" },
    { name: "[It] two", outcome: "failed", seconds: 0.25, message: 'expected "a"\ngot b' },
    { name: "[It] three", outcome: "skipped", seconds: 0, message: "no handler" },
    { name: "[It] four", outcome: "skipped", seconds: 0, message: "" },
    { name: "[It] five", outcome: "passed", seconds: 2, message: "" },
    { name: "[SynchronizedBeforeSuite]", outcome: "passed", seconds: 3, message: "" },
  ]);
});

t.test("what is expected, with its reason and on its host only", async (t) => {
  const expectations = [
    {
      spec: /two/,
      outcome: "failed",
      reason: "known",
      when: ({ controllers }: { controllers: readonly string[] }) => !controllers.includes("memory"),
    },
    { spec: /three/, outcome: "skipped", reason: "not here" },
  ] as const;
  const verdicts = judge(readJunit(XML), expectations, { controllers: [] });
  t.same(
    unexpected(verdicts).map(({ name }) => name),
    ["[It] four"],
  );
  t.same(
    unexpected(judge(readJunit(XML), expectations, { controllers: ["memory"] })).map(({ name }) => name),
    ["[It] two", "[It] four"],
  );
  const text = reportText({ title: "run", seconds: 4.4, verdicts });
  t.match(text, "2 passed, 1 failed, 2 skipped, in 4 s.");
  t.match(text, "- [It] two: known");
  t.match(text, "- [It] four: **unexpected**");
});
