import t from "tap";

import { failedNames, failedParts } from "../../../../scripts/lib/tap-failures.ts";

const OUTPUT = `TAP version 14
starting up
# Subtest: good
    ok 1 - fine
    1..1
ok 1 - good # time=3ms

# Subtest: bad
    ok 1 - still fine
    not ok 2 - should be equal
      ---
      found: 2
      wanted: 1
      ...
    1..2
    # failed 1 of 2 tests
not ok 2 - bad # time=5ms

# Subtest: good again
    ok 1 - fine
    1..1
ok 3 - good again # time=3ms

1..3
# failed 1 of 3 tests
`;

t.test("what failed is shown, what passed is not", (t) => {
  const shown = failedParts(OUTPUT);
  t.match(shown, /starting up/);
  t.match(shown, /# Subtest: bad\n    not ok 2 - should be equal\n      ---\n      found: 2\n/);
  t.match(shown, /not ok 2 - bad/);
  t.notMatch(shown, /fine|good/);
  t.end();
});

t.test("output that is no TAP is kept whole", (t) => {
  t.equal(failedParts("SyntaxError: x\n    at y"), "SyntaxError: x\n    at y");
  t.end();
});

t.test("names", (t) => {
  t.strictSame(failedNames(OUTPUT), ["bad"]);
  t.strictSame(failedNames("not ok 1 - a - b # time=1ms {\n}"), ["a - b"]);
  t.end();
});
