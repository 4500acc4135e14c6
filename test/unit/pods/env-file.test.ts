import t from "tap";

import { envFileValue } from "../../../agent/pods/env-file.ts";

const FILE = `# what the first container found out
A='1'
  B='two words' # and why
C='first
second # no comment
'

D= 'not this'
E=''
F='it costs $A \\n "more"'
`;

t.test("values of an environment file", async (t) => {
  const values = ["A", "B", "C", "D", "E", "F", "G"].map((name) => envFileValue(FILE, name, "v/f"));
  t.strictSame(values, ["1", "two words", "first\nsecond # no comment\n", "", "", 'it costs $A \\n "more"', undefined]);
  t.equal(envFileValue("A='1'\r\nB='2'\r\n", "B", "v/f"), "2");
});

t.test("what is none is told by its line", async (t) => {
  const cases: readonly [text: string, why: RegExp][] = [
    ["\nnothing", /v\/f: line 2: there is no =/],
    ["='1'", /line 1: there is no name/],
    ["A ='1'", /line 1: there are blanks before =/],
    ["A=1", /line 1: the value is not in single quotes/],
    ["B='1'\nA='1\n\n", /line 2: the quote is not closed/],
    ["A='1' more", /line 1: there is something behind/],
  ];
  for (const [text, message] of cases) t.throws(() => envFileValue(text, "A", "v/f"), { code: "invalid", message });
  t.equal(envFileValue("A='1'\nnothing", "A", "v/f"), "1", "what comes behind the name is not looked at");
});
