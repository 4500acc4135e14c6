import { test } from "tap";
import { parseGroup, parsePasswd } from "../../../agent/images/passwd.ts";

test("good lines are read and bad ones left out", (t) => {
  const text = [
    "root:x:0:0:root:/root:/bin/sh",
    "# comment",
    "",
    "no-home:x:5:6:",
    "short:x:1",
    "text:x:one:1::/:/bin/sh",
    "hex:x:0x0:0::/:/bin/sh",
    "negative:x:-1:0::/:/bin/sh",
    "big:x:4294967295:0::/:/bin/sh",
    "largest:x:4294967294:4294967294::/home/l:/bin/sh",
    "huge:x:99999999999:0::/:/bin/sh",
    ":x:7:7::/:/bin/sh",
    "+nis::::::",
    "binary\u0000:x:8:8::/:",
    "crlf:x:9:9::/home/crlf:/bin/sh\r",
    "app:x:1000:1000:An App,,,:/srv/app:",
  ].join("\n");
  t.strictSame(parsePasswd(text), [
    { name: "root", uid: 0, gid: 0, home: "/root" },
    { name: "largest", uid: 4294967294, gid: 4294967294, home: "/home/l" },
    { name: "crlf", uid: 9, gid: 9, home: "/home/crlf" },
    { name: "app", uid: 1000, gid: 1000, home: "/srv/app" },
  ]);
  t.end();
});

test("groups and their members", (t) => {
  t.strictSame(parseGroup("root:x:0:\nwheel:x:10:a,b,,c\nbad:x:ten:a\nold:x:11\nno\n"), [
    { name: "root", gid: 0, members: [] },
    { name: "wheel", gid: 10, members: ["a", "b", "c"] },
    { name: "old", gid: 11, members: [] },
  ]);
  t.end();
});
