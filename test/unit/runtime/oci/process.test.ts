import t from "tap";

import { containerEnvironment } from "../../../../agent/runtime/oci/env.ts";
import { containerArgs, containerCwd } from "../../../../agent/runtime/oci/process.ts";
import { errorOf, specOf } from "../spec-input.ts";

t.test("entrypoint and command", async (t) => {
  const image = { Entrypoint: ["/entry", "-a"], Cmd: ["cmd"] };
  t.same(containerArgs({}, image), ["/entry", "-a", "cmd"]);
  t.same(containerArgs({ args: ["x"] }, image), ["/entry", "-a", "x"]);
  t.same(containerArgs({ command: ["/c"] }, image), ["/c"]);
  t.same(containerArgs({ command: ["/c"], args: ["x"] }, image), ["/c", "x"]);
  t.same(containerArgs({}, { Cmd: ["cmd"] }), ["cmd"]);
  t.same(containerArgs({ args: ["x"] }, {}), ["x"]);
  t.match(
    errorOf(() => containerArgs({}, {})),
    { code: "invalid", message: /names a program/ },
  );
  t.match(
    errorOf(() => containerArgs({ command: [""] }, image)),
    { code: "invalid", where: "command" },
  );
  t.match(
    errorOf(() => containerArgs({ command: ["a\0b"] }, image)),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => containerArgs({ command: ["x", "a".repeat(128 * 1024)] }, image)),
    { code: "invalid" },
  );
  t.same(containerArgs({ command: ["x", "a\nb"] }, image), ["x", "a\nb"], "a newline is no harm in an argument");
});

t.test("working directory", async (t) => {
  t.equal(containerCwd({}, {}), "/");
  t.equal(containerCwd({}, { WorkingDir: "srv" }), "/srv");
  t.equal(containerCwd({ workingDir: "/a" }, { WorkingDir: "/b" }), "/a");
  t.match(
    errorOf(() => containerCwd({ workingDir: "a" }, {})),
    { code: "invalid", where: "working_dir" },
  );
  t.match(
    errorOf(() => containerCwd({}, { WorkingDir: "/a\nb" })),
    { code: "invalid", where: "image.config.WorkingDir" },
  );
});

const environment = (image: string[], config: [string, string | Uint8Array][] = [], tty = false): string[] =>
  containerEnvironment({
    image,
    config: config.map(([key, value]) => ({ key, value: typeof value === "string" ? Buffer.from(value) : value })),
    hostname: "pod",
    home: "/root",
    tty,
  });

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

t.test("environment", async (t) => {
  t.same(environment([]), [PATH, "HOSTNAME=pod", "HOME=/root"]);
  t.same(environment([], [], true), [PATH, "TERM=xterm", "HOSTNAME=pod", "HOME=/root"]);
  t.same(
    environment(
      ["PATH=/x", "A=1", "HOME=/h"],
      [
        ["A", "2"],
        ["B", "x=y\nz"],
      ],
    ),
    ["PATH=/x", "HOSTNAME=pod", "A=2", "HOME=/h", "B=x=y\nz"],
  );
  t.same(environment(["A=1", "A"]), [PATH, "HOSTNAME=pod", "HOME=/root"], "a name alone takes the variable away");
  t.same(
    environment(
      [],
      [
        ["A", "1"],
        ["A", "2"],
        ["my.var-x", ""],
      ],
    ),
    [PATH, "HOSTNAME=pod", "A=2", "my.var-x=", "HOME=/root"],
  );
  t.same(environment([], [["TERM", "vt100"]], true), [PATH, "TERM=vt100", "HOSTNAME=pod", "HOME=/root"]);
});

t.test("hostile variables", async (t) => {
  for (const entry of ["A\nB=1", "=x", "A\0=1", "A=\0", "\u009b=1", `A=${"x".repeat(128 * 1024)}`]) {
    t.match(
      errorOf(() => environment([entry])),
      { code: "invalid", where: "image.config.Env[0]" },
      JSON.stringify(entry.slice(0, 10)),
    );
  }
  for (const [key, value] of [
    ["", "x"],
    ["A=B", "x"],
    ["A\n", "x"],
    ["A", "\0"],
  ] as [string, string][]) {
    t.match(
      errorOf(() => environment([], [[key, value]])),
      { code: "invalid", where: "envs[0]" },
      JSON.stringify(key),
    );
  }
  t.match(
    errorOf(() => environment([], [["A", new Uint8Array([0xff, 0xfe])]])),
    { code: "invalid", message: /UTF-8/ },
  );
});

t.test("a home directory with a line of its own does not get in", async (t) => {
  const users = { passwd: [{ name: "x", uid: 0, gid: 0, home: "/\nA=B" }], group: [] };
  t.match(
    errorOf(() => specOf({}, { users })),
    { code: "invalid" },
  );
});
