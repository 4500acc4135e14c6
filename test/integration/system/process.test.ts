import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { Socket } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { test } from "tap";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import type { StartingShim } from "../../../agent/system/system.ts";
import { plainEnvironment, StandIn, standInSystem } from "../../fixtures/stand-in.ts";

const system = standInSystem();

function openDescriptors(): string[] {
  return readdirSync("/proc/self/fd").sort();
}

test("the shim starts with three descriptors and the control socket, all signals at their defaults", async (t) => {
  process.on("SIGUSR2", () => undefined); // a handler, beside SIGPIPE, which Node ignores
  const held = Array.from({ length: 50 }, () => openSync("/", "r"));
  const shim = await StandIn.start(system);
  t.teardown(() => shim.stop());
  t.match(shim.report(), [
    "fd 0 /dev/null",
    "fd 1 /dev/null",
    "fd 2 /dev/null",
    /^fd 3 socket:/,
    "argument nodelet-shim",
    "session own",
    "exe /memfd:nodelet-shim (deleted)",
    // Sealed: ETXTBSY while it runs, EPERM ever after.
    /^exe for writing (Text file busy|Operation not permitted|Permission denied)$/,
  ]);
  t.equal(shim.report().length, 8);
  for (const fd of held) closeSync(fd);
  process.removeAllListeners("SIGUSR2");
});

test("its standard error can be given", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-process-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const stderr = openSync(join(directory, "stderr"), "w");
  const shim = await StandIn.start(system, { stderr });
  closeSync(stderr);
  t.equal(shim.report()[2], `fd 2 ${join(directory, "stderr")}`);
  await shim.stop();
});

test("standard descriptors that are closed in the daemon do not confuse the shim's", async (t) => {
  // The socket pair and the null device then get the lowest numbers, those that the shim's are moved to.
  const script = `
    import { closeSync } from "node:fs";
    import { createLinuxSystem } from "${join(import.meta.dirname, "../../../agent/system/linux.ts")}";
    import { StandIn, standInSystem } from "${join(import.meta.dirname, "../../fixtures/stand-in.ts")}";
    const system = standInSystem();
    closeSync(0);
    const shim = await StandIn.start(system);
    const report = shim.report();
    await shim.stop();
    if (report.slice(0, 4).map((line) => line.split(" ")[2].split(":")[0]).join() !== "/dev/null,/dev/null,/dev/null,socket") throw new Error(report.join());
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  const [code] = (await once(child, "close")) as [number];
  t.equal(code, 0, errors);
});

test("exit codes and signals are told apart, and a process is reaped once", async (t) => {
  const exits = await StandIn.start(system);
  t.equal(system.waitPidfd(exits.process.pidfd), undefined, "it runs");
  exits.exit(7);
  await system.pidfdExited(exits.process.pidfd);
  await system.pidfdExited(exits.process.pidfd);
  t.strictSame(system.waitPidfd(exits.process.pidfd), { exitCode: 7, signal: 0 });
  t.throws(() => system.waitPidfd(exits.process.pidfd), { code: "ECHILD", syscall: "waitid", errno: -10 });
  t.throws(() => system.pidfdSendSignal(exits.process.pidfd, 0), { code: "ESRCH" });
  exits.release();

  const killed = await StandIn.start(system);
  killed.kill(15);
  t.strictSame(await killed.ended(), { exitCode: 143, signal: 15 });
  const signalled = await StandIn.start(system);
  system.pidfdSendSignal(signalled.process.pidfd, 9);
  t.strictSame(await signalled.ended(), { exitCode: 137, signal: 9 });
});

test("Node reaps its own children and leaves the shims, and the other way round", async (t) => {
  const shims = await Promise.all(Array.from({ length: 10 }, () => StandIn.start(system)));
  const children = shims.map(() => spawn("true", { stdio: "ignore", env: plainEnvironment() }));
  for (const [index, shim] of shims.entries()) shim.exit(index);
  const codes = await Promise.all(children.map(async (child) => ((await once(child, "exit")) as [number])[0]));
  t.ok(codes.every((code) => code === 0));
  const results = await Promise.all(shims.map((shim) => shim.ended()));
  t.strictSame(
    results.map((result) => result.exitCode),
    shims.map((_shim, index) => index),
  );
});

test("a shim that cannot run is an error that says so, and leaves nothing", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-process-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "not-a-program");
  writeFileSync(path, "neither ELF nor script");
  const broken = createLinuxSystem({ shimPath: path });
  /** Its control connection ends, which is how who waits for an answer learns of it. */
  const fails = async ({ control, started }: StartingShim, error: { code: string; syscall: string }): Promise<void> => {
    await t.rejects(started, error);
    t.equal(readSync(control, Buffer.alloc(1)), 0);
    closeSync(control);
  };
  await fails(broken.spawnShim(), { code: "ENOEXEC", syscall: "execveat" }); // loads the memfd
  const before = openDescriptors();
  await fails(broken.spawnShim(), { code: "ENOEXEC", syscall: "execveat" });
  t.strictSame(openDescriptors(), before);
  t.throws(() => createLinuxSystem({ shimPath: join(directory, "missing") }).spawnShim(), { code: "ENOENT" });
  const notACgroup = openSync("/", "r");
  await fails(system.spawnShim({ cgroupFd: notACgroup }), { code: "EBADF", syscall: "clone3" });
  closeSync(notACgroup);
  t.strictSame(openDescriptors(), before);
  chmodSync(directory, 0o700);
});

test("pidfds of others: opened, waited for, not reaped", async (t) => {
  const child = spawn("sleep", ["60"], { stdio: "ignore", env: plainEnvironment() });
  const pidfd = system.pidfdOpen(child.pid ?? 0);
  t.teardown(() => closeSync(pidfd));
  const exited = Promise.all([system.pidfdExited(pidfd), once(child, "exit")]);
  system.pidfdSendSignal(pidfd, 9);
  const [, [, signal]] = (await exited) as [void, [null, string]];
  t.equal(signal, "SIGKILL");
  t.throws(() => system.pidfdOpen(child.pid ?? 0), { code: "ESRCH", syscall: "pidfd_open" });
  t.throws(() => system.pidfdOpen(-1), { code: "EINVAL" });
  const init = system.pidfdOpen(1);
  t.throws(() => system.waitPidfd(init), { code: "ECHILD" });
  closeSync(init);
});

test("waiting can be given up; the descriptor may be closed meanwhile", async (t) => {
  const shim = await StandIn.start(system);
  t.teardown(() => shim.stop());
  const controller = new AbortController();
  const waiting = system.pidfdExited(shim.process.pidfd, { signal: controller.signal });
  controller.abort(new Error("no longer"));
  await t.rejects(waiting, /no longer/);
  await t.rejects(system.pidfdExited(shim.process.pidfd, { signal: AbortSignal.abort(new Error("before")) }), /before/);
  await t.rejects(system.pidfdExited(-1), { code: "EBADF" });
  const regular = openSync("/etc/passwd", "r");
  await t.rejects(system.fdReady(regular), { code: "EPERM", syscall: "epoll_ctl" });
  closeSync(regular);

  const other = system.pidfdOpen(shim.pid);
  const exited = system.pidfdExited(other);
  system.close(other);
  const reused = openSync("/", "r"); // takes the number
  shim.kill(9);
  await exited;
  closeSync(reused);
});

test("hundreds of waits at once, some given up", async (t) => {
  const before = openDescriptors().length;
  const shims = await Promise.all(Array.from({ length: 40 }, () => StandIn.start(system)));
  const controller = new AbortController();
  const given = shims.flatMap((shim) => [
    system.pidfdExited(shim.process.pidfd),
    system.pidfdExited(shim.process.pidfd),
    system.pidfdExited(shim.process.pidfd, { signal: controller.signal }).then(
      () => Promise.reject(new Error("must not resolve")),
      () => undefined,
    ),
  ]);
  controller.abort();
  for (const shim of shims) shim.exit(0);
  await Promise.all(given);
  await Promise.all(shims.map((shim) => shim.ended()));
  t.equal(openDescriptors().length, before);
});

test("a wait keeps the process alive, the thread behind it does not", async (t) => {
  const library = JSON.stringify(join(import.meta.dirname, "../../../agent/system/linux.ts"));
  const run = async (body: string): Promise<{ code: number | null; output: string }> => {
    const script = `import { createLinuxSystem } from ${library};
      import { spawn } from "node:child_process";
      const system = createLinuxSystem();
      const child = spawn("sleep", ["0.3"], { stdio: "ignore", env: {}, detached: true });
      child.unref();
      ${body}`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  };
  const waits = await run(`await system.pidfdExited(system.pidfdOpen(child.pid)); console.log("waited");`);
  t.strictSame(waits, { code: 0, output: "waited\n" });
  const leaves = await run(`
    const controller = new AbortController();
    const wait = system.pidfdExited(system.pidfdOpen(child.pid), { signal: controller.signal });
    controller.abort(new Error("enough"));
    await wait.catch((error) => console.log(error.message));
    process.on("exit", () => { try { process.kill(child.pid, 0); console.log("sleeps still"); process.kill(child.pid); } catch {} });`);
  t.strictSame(leaves, { code: 0, output: "enough\nsleeps still\n" });
  const aborts = await run(`system.pidfdExited(system.pidfdOpen(child.pid)); setTimeout(() => process.exit(3), 20);`);
  t.equal(aborts.code, 3, "the thread ends with the process");
});

test("a worker thread has a system of its own, and may end while it waits", async (t) => {
  const { Worker } = await import("node:worker_threads");
  const library = JSON.stringify(new URL("../../../agent/system/linux.ts", import.meta.url).href);
  const script = `
    import { parentPort } from "node:worker_threads";
    import { createLinuxSystem } from ${library};
    const system = createLinuxSystem();
    system.pidfdExited(system.pidfdOpen(${process.pid}));
    parentPort.postMessage(system.readdir(system.openat2(-100, "/proc/self/ns", { flags: 0o200000 })).includes("net"));`;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
    const [seen] = (await once(worker, "message")) as [boolean];
    t.equal(seen, true);
    await worker.terminate();
  }
  const shim = await StandIn.start(system);
  shim.exit(0);
  t.strictSame(await shim.ended(), { exitCode: 0, signal: 0 });
});

test("starting many leaves no zombies and no descriptors", async (t) => {
  const before = openDescriptors().length;
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const began = process.hrtime.bigint();
    const shim = await StandIn.start(system);
    times.push(Number(process.hrtime.bigint() - began) / 1_000);
    shim.exit(0);
    await shim.ended();
  }
  times.sort((a, b) => a - b);
  t.comment(`spawnShim: p50 ${times[100]?.toFixed(0)} µs, p99 ${times[198]?.toFixed(0)} µs`);
  t.equal(openDescriptors().length, before);
  const zombies = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, "utf8").includes(`) Z ${process.pid} `);
      } catch {
        return false;
      }
    });
  t.strictSame(zombies, []);
});

async function ranProgram(path: string, environment: Record<string, string>, input = ""): Promise<string[]> {
  const program = system.spawnProgram(path, environment);
  const stdin = new Socket({ fd: program.stdin, readable: false, writable: true });
  const stdout = new Socket({ fd: program.stdout, readable: true, writable: false });
  const stderr = new Socket({ fd: program.stderr, readable: true, writable: false });
  try {
    const said = Promise.all([stdout, stderr].map((pipe) => readText(pipe)));
    said.catch(() => undefined); // of a program that did not start
    const { pid, pidfd } = await program.started;
    stdin.end(input);
    const texts = await said;
    await system.pidfdExited(pidfd);
    const { exitCode, signal } = system.waitPidfd(pidfd) ?? {};
    system.close(pidfd);
    return [...texts.map((text) => text.replaceAll(String(pid), "PID")), `${exitCode} ${signal}`];
  } finally {
    await Promise.all(
      [stdin, stdout, stderr].map(async (pipe) => {
        const closed = pipe.closed ? undefined : once(pipe, "close");
        pipe.destroy();
        await closed;
      }),
    );
  }
}

test("a program gets three pipes, its environment and nothing else", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-process-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const install = (name: string, script: string): string => {
    writeFileSync(join(directory, name), script, { mode: 0o755 });
    return join(directory, name);
  };
  const tell = install(
    "tell",
    `#!/bin/sh
    read -r line; echo "in $line"; echo "err" >&2
    ls -l /proc/self/fd
    tr '\\0' '\\n' </proc/$$/environ; pwd
    awk '{ print "group " $5 " session " $6 }' /proc/$$/stat
    # by the shell itself: while it starts a program it has signals blocked
    while read -r line; do case $line in SigIgn*|SigBlk*) echo "$line"; esac; done </proc/$$/status
    exit 3\n`,
  );
  process.on("SIGUSR2", () => undefined); // a handler, beside SIGPIPE, which Node ignores
  const held = Array.from({ length: 50 }, () => openSync("/", "r"));
  const [out = "", err, ended] = await ranProgram(tell, { A: "1", B: "two words" }, "hello\n");
  for (const fd of held) closeSync(fd);
  process.removeAllListeners("SIGUSR2");
  t.equal(err, "err\n");
  t.equal(ended, "3 0");
  const lines = out.trim().split("\n");
  // The shell passes on what it got; ls itself has the directory open that it lists.
  t.same(
    lines.filter((line) => !line.startsWith("total ")).map((line) => line.replace(/^.* (\d+) -> (\w*).*$/, "$1 $2")),
    [
      "in hello",
      "0 pipe",
      "1 pipe",
      "2 pipe",
      "3 ",
      "A=1",
      "B=two words",
      "/",
      "group PID session PID",
      "SigBlk:\t0000000000000000",
      "SigIgn:\t0000000000000000",
    ],
  );
  t.equal((await ranProgram(install("dies", "#!/bin/sh\nkill -TERM $$\n"), {}))[2], "143 15");

  const before = openDescriptors();
  for (const [path, code] of [
    [join(directory, "missing"), "ENOENT"],
    [directory, "EACCES"],
    [install("empty", "not a program"), "ENOEXEC"],
  ] as const) {
    await t.rejects(ranProgram(path, {}), { code, syscall: "execve", path });
  }
  const busy = install("busy", "#!/bin/sh\n");
  const writing = openSync(busy, "a");
  await t.rejects(ranProgram(busy, {}), { code: "ETXTBSY" });
  closeSync(writing);
  t.throws(() => system.spawnProgram(tell, { A: "1\0B=2" }), TypeError);
  t.same(openDescriptors(), before, "no descriptor is left");
});
