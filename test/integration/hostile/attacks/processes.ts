// Attacks on the processes that nodelet runs beside and inside a container.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describeError } from "../../../../agent/base/errors.ts";
import type { Attack } from "../attack.ts";
import type { Host } from "../host.ts";

/** Long enough that the shim is seen while it looks for a program: it searches PATH with the container's own identity. */
const LONG_PATH = `${"/nowhere-at-all:".repeat(7000)}/bin`;

/** In a container that watches what nodelet starts there. */
async function reach(host: Host, command: readonly string[]): Promise<string> {
  const image = await host.image([], { Env: [`PATH=${LONG_PATH}`] });
  const { containerId, refused } = await host.start(["/bin/sh", "-c", "/bin/hostile reach > /said; sleep 60"], {
    image,
  });
  if (refused !== "") return refused;
  for (let count = 0; count < 20; count++) await host.exec(containerId, ...command);
  await host.exec(containerId, "/bin/touch", "/stop");
  return host.exec(containerId, "/bin/sh", "-c", "while ! test -s /said; do sleep 0.1; done; cat /said");
}

const CWD_NUMBERS = Array.from({ length: 62 }, (_, index) => index + 3);

/** Reads a file of the host by a path that starts at the working directory. */
const climb = (host: Host): string =>
  `cat ${"../".repeat(12)}${join(host.outside, "victim").slice(1)} 2> /dev/null || echo not there`;

async function throughDescriptors(host: Host, path: (number: number) => string): Promise<string> {
  const seen = new Set<string>();
  const image = await host.image([{ name: "home/own/" }]);
  const { podSandboxId } = await host.start(["/bin/true"]);
  for (const number of CWD_NUMBERS) {
    const config = { workingDir: path(number) };
    const ran = await host.run(["/bin/sh", "-c", climb(host)], { image, container: config, podSandboxId });
    seen.add(ran.refused === "" ? ran.output : /process\.cwd/.test(ran.refused) ? "refused" : ran.refused);
  }
  return [...seen].toSorted().join(", ");
}

/** Of a container that makes its working directory a link, another one whenever it is told to. */
async function execThroughDescriptors(host: Host, path: (number: number) => string): Promise<string> {
  const seen = new Set<string>();
  const image = await host.image([]);
  const hostPath = host.make("told");
  const script = CWD_NUMBERS.map(
    (number) =>
      `rm -rf /place; ln -s ${path(number)} /place; echo ready ${number}; while ! test -e /told/${number}; do sleep 0.02; done`,
  ).join("; ");
  const ran = await host.start(["/bin/sh", "-c", script], {
    image,
    container: { workingDir: "/place", mounts: [{ hostPath, containerPath: "/told" }] },
  });
  if (ran.refused !== "") return ran.refused;
  for (const number of CWD_NUMBERS) {
    await host.said(ran, new RegExp(`ready ${number}$`));
    seen.add(
      await host
        .exec(ran.containerId, "/bin/sh", "-c", climb(host))
        .catch((error: unknown) => (/process\.cwd/.test(describeError(error)) ? "refused" : describeError(error))),
    );
    writeFileSync(join(hostPath, String(number)), "");
  }
  return [...seen].toSorted().join(", ");
}

export const attacks: readonly Attack[] = [
  {
    name: "a container reaches into the process that enters it",
    rows: ["2016-9962", "suite 5"],
    attack: (host) => reach(host, ["true"]),
    async twin(host) {
      const { containerId } = await host.start(["/bin/sh", "-c", "sleep 60"]);
      return host.exec(
        containerId,
        "/bin/sh",
        "-c",
        "cat /proc/1/root/etc/hostname > /dev/null && echo reached its own",
      );
    },
    held: /^saw the shim, reached nothing$/,
    works: /^reached its own$/,
    without: [
      ["agent/runtime/plan/exec-plan.ts", 'plan.add("joined", "dumpable", { value: 0 }, REQUEST);', ""],
      ["native/shim/main.c", "sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)", "0"],
      ["native/addon/process.c", "fchmod(fd, 0500)", "fchmod(fd, 0755)"],
    ],
    fallen: /^(reached|traced)/,
  },
  {
    name: "a container overwrites the program that enters it",
    rows: ["2019-5736", "suite 3"],
    async attack(host) {
      // The kernel runs the shim once more, as the interpreter of a script: now in the container, for all of it to see.
      const script = { name: "bin/evil", mode: 0o755, content: "#!/proc/self/exe\n" };
      const image = await host.image([script]);
      const { containerId, refused } = await host.start(["/bin/sh", "-c", "/bin/hostile overwrite > /said; sleep 60"], {
        image,
      });
      if (refused !== "") return refused;
      let said = "";
      for (let count = 0; said === "" && count < 1000; count++) {
        // As a script's interpreter, and by name.
        await host.exec(containerId, "/bin/evil").catch(() => undefined);
        await host.exec(containerId, "/proc/self/exe", "volume", "usage", "/").catch(() => undefined);
        said = await host.exec(containerId, "/bin/cat", "/said");
      }
      const next = await host.run(["/bin/echo", "still runs"]);
      return `${said}; ${next.output || next.refused}`;
    },
    async twin(host) {
      const script = { name: "bin/good", mode: 0o755, content: "#!/bin/sh\necho a script\n" };
      const image = await host.image([script]);
      const { containerId } = await host.start(["/bin/sleep", "60"], { image });
      return host.exec(containerId, "/bin/good");
    },
    // Busy, too, as this container's own shim runs it: with its seals it would stay as it is even when that has ended.
    held: /^found a program that is sealed, could not write: .*; still runs$/,
    works: /^a script$/,
    without: [
      [
        "native/addon/process.c",
        "fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0",
        "0",
      ],
    ],
    fallen: /a program that is not sealed/,
  },
  {
    name: "a working directory that is a descriptor of the host",
    rows: ["2024-21626", "suite 3"],
    attack: (host) => throughDescriptors(host, (number) => `/proc/self/fd/${number}`),
    twin: (host) => throughDescriptors(host, () => "/home/own"),
    // Some numbers are the container's own root.
    held: /^(not there, )?refused$/,
    works: /^not there$/,
    without: [["native/shim/ops_identity.c", "return where[0] == '/' ? 0 : -EXDEV;", "return 0;"]],
    fallen: /untouched/,
  },
  {
    name: "the working directory of an exec that became a link to a descriptor of the host",
    rows: ["2024-21626", "suite 3"],
    attack: (host) => execThroughDescriptors(host, (number) => `/proc/self/fd/${number}`),
    twin: (host) => execThroughDescriptors(host, () => "/home"),
    held: /^(not there, )?refused$/,
    works: /^not there$/,
    without: [["native/shim/ops_identity.c", "return where[0] == '/' ? 0 : -EXDEV;", "return 0;"]],
    fallen: /untouched/,
  },
  {
    name: "descriptors that whoever started the daemon left open",
    rows: ["suite 4"],
    // prove.ts leaves fifty of them.
    async attack(host) {
      const image = await host.image([]);
      const { output, refused } = await host.run(["/bin/hostile", "descriptors"], { image });
      return refused || output;
    },
    async twin(host) {
      const image = await host.image([]);
      const { output } = await host.run(["/bin/sh", "-c", "exec 7< /etc/passwd; exec /bin/hostile descriptors"], {
        image,
      });
      return output;
    },
    held: /^0 descriptors$/,
    works: /^1 descriptors$/,
    without: [
      ["native/addon/process.c", "syscall(SYS_close_range, SHIM_FIRST_FREE_FD, ~0U, CLOSE_RANGE_CLOEXEC) < 0", "0"],
      ["native/shim/main.c", "sys_close_range(CONTROL + 1, ~0u, 0)", "0"],
      ["native/shim/ops_streams.c", "return sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);", "return 0;"],
    ],
    fallen: /^[1-9][0-9]* descriptors$/,
  },
];
