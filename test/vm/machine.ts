/**
 * A virtual machine for a test: Debian 12 with systemd, a full cgroup v2 tree, and nodelet's package on a disk of its own.
 *
 *     await using machine = await Machine.boot();
 *     const { code, out } = await machine.run("nodelet doctor");
 *
 * Commands go over a serial port to test/vm/guest/commands.sh, one at a time. Every wait has a limit; the machine ends with the
 * test, whatever happens, and what it wrote with it.
 */

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { vmImage, type VmImage } from "../../scripts/vm-image.ts";
import { chooseAccelerator, machineArguments, words } from "./accelerator.ts";
import { packageDisk } from "./package-disk.ts";

const execute = promisify(execFile);

/** In software on two slow and busy cores a boot takes a minute. */
const BOOT_LIMIT_MS = 300_000;
const COMMAND_LIMIT_SECONDS = 120;
/** For the answer of a command that the guest itself has given up on. */
const ANSWER_GRACE_MS = 60_000;
const CONNECT_LIMIT_MS = 30_000;

const MEMORY_MIB = 2_048;
const CONSOLE_TAIL_LINES = 40;

/** Addresses of qemu's own network. */
export const HOST = "10.0.2.2";
export const GUEST = "10.0.2.15";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface MachineOptions {
  /**
   * Gives it a network card with the host alone behind it: the host's loopback is `HOST` there, after `joinHost`, and connections to these on
   * the host go to the same port of the machine.
   */
  readonly forwarded?: readonly { readonly address: string; readonly port: number }[];
  /** Further disks, in the guest by their serial: /dev/disk/by-id/virtio-NAME. Each is qemu's `-blockdev` for a raw device. */
  readonly disks?: readonly { readonly name: string; readonly blockdev: Readonly<Record<string, unknown>> }[];
}

export class Machine implements AsyncDisposable {
  readonly #directory: string;
  readonly #image: VmImage;
  readonly #package: string;
  readonly #accelerator: string;
  readonly #options: MachineOptions;
  #qemu: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #port: Port | undefined;
  #serial = 0;

  private constructor(
    directory: string,
    image: VmImage,
    packageDisk: string,
    accelerator: string,
    options: MachineOptions,
  ) {
    this.#directory = directory;
    this.#image = image;
    this.#package = packageDisk;
    this.#accelerator = accelerator;
    this.#options = options;
  }

  /** Resolves when the machine has come up. Throws with the console's last lines when it does not. */
  static async boot(options: MachineOptions = {}): Promise<Machine> {
    const image = await vmImage();
    const [disk, accelerator] = [await packageDisk(), await chooseAccelerator(image)];
    const directory = await mkdtemp(join(tmpdir(), "ndl-vm-"));
    const machine = new Machine(directory, image, disk, accelerator, options);
    try {
      await execute("qemu-img", ["create", "-q", "-f", "qcow2", "-b", image.disk, "-F", "raw", machine.#rootDisk]);
      await machine.start();
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
    return machine;
  }

  get #rootDisk(): string {
    return join(this.#directory, "root.qcow2");
  }

  get #consoleFile(): string {
    return join(this.#directory, "console.log");
  }

  get pid(): number | undefined {
    return this.#qemu?.pid;
  }

  /** Switches the machine on, the first time or after a power cut. */
  async start(): Promise<void> {
    const port = join(this.#directory, `port-${(this.#serial += 1)}`);
    const disks = [
      { name: "root", blockdev: { driver: "qcow2", file: { driver: "file", filename: this.#rootDisk } } },
      {
        name: "package",
        blockdev: { driver: "raw", "read-only": true, file: { driver: "file", filename: this.#package } },
      },
      ...(this.#options.disks ?? []),
    ];
    const args = [
      ...machineArguments(this.#accelerator, MEMORY_MIB),
      "-serial",
      `file:${this.#consoleFile}`,
      "-kernel",
      this.#image.kernel,
      "-initrd",
      this.#image.initrd,
      "-append",
      "root=/dev/vda rw console=ttyS0 quiet panic=5 mitigations=off systemd.show_status=0",
      ...disks.flatMap(({ name, blockdev }) => [
        "-blockdev",
        JSON.stringify({ "node-name": name, ...blockdev }),
        "-device",
        `virtio-blk-pci,drive=${name},serial=${name}`,
      ]),
      ...words("-device virtio-rng-pci -device virtio-serial-pci"),
      ...networkArguments(this.#options.forwarded),
      "-chardev",
      `socket,id=commands,path=${port},server=on,wait=off`,
      ...words("-device virtserialport,chardev=commands,name=commands"),
    ];
    // It ends with the test also where that ends without disposing: by a signal, or by its time limit.
    const command = ["--pdeathsig", "KILL", "qemu-system-x86_64", ...args];
    const qemu = spawn("setpriv", command, { stdio: ["ignore", "ignore", "pipe"] });
    this.#qemu = qemu;
    let complaint = "";
    qemu.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    this.#ended = new Promise((done) => {
      qemu.once("error", (error) => {
        complaint += error.message;
        done();
      });
      qemu.once("close", () => done());
    });
    this.#port = await Port.open(port, () => qemu.exitCode !== null || qemu.signalCode !== null).catch(
      (error: unknown) => {
        throw new Error(`qemu did not start: ${complaint || String(error)}`, { cause: error });
      },
    );
    await this.#untilReady();
  }

  async #untilReady(): Promise<void> {
    const end = Date.now() + BOOT_LIMIT_MS;
    let line: string | undefined;
    do line = await this.#port?.line(end - Date.now(), "it has come up");
    while (line !== undefined && line !== "ready");
    if (line === undefined) throw new Error(`the machine did not come up, qemu ended:\n${this.console()}`);
  }

  /**
   * Runs a script with bash as root, in /root; it is ended when it takes longer than the limit (exit code 124). Throws when the machine
   * does not answer.
   */
  async run(script: string, options: { limitSeconds?: number } = {}): Promise<Ran> {
    const limit = options.limitSeconds ?? COMMAND_LIMIT_SECONDS;
    const { id, port } = this.#send(script, limit);
    const line = await port.line(limit * 1_000 + ANSWER_GRACE_MS, "it has answered");
    const [answered, code, out, err] = (line ?? "").split(" ");
    if (answered !== id) throw new Error(`the machine does not answer (${line ?? "qemu ended"}):\n${this.console()}`);
    return { code: Number(code), out: decode(out), err: decode(err) };
  }

  #send(script: string, limitSeconds: number): { id: string; port: Port } {
    const port = this.#port;
    if (port === undefined) throw new Error("the machine is off");
    const id = String((this.#serial += 1));
    port.send(`${id} ${limitSeconds} ${Buffer.from(script).toString("base64")}\n`);
    return { id, port };
  }

  /** As `run`; throws unless the script succeeds. Returns what it printed. */
  async do(script: string, options: { limitSeconds?: number } = {}): Promise<string> {
    const { code, out, err } = await this.run(script, options);
    if (code !== 0) throw new Error(`exit code ${code} of:\n${script}\n${out}${err}`);
    return out;
  }

  /** Runs the script until it succeeds, and returns what it then printed. Throws when the time is over, with what was printed last. */
  async until(what: string, script: string, limitSeconds = 120): Promise<string> {
    const end = Date.now() + limitSeconds * 1_000;
    for (;;) {
      const { code, out, err } = await this.run(script);
      if (code === 0) return out;
      if (Date.now() > end) throw new Error(`${what} did not come about: exit code ${code}\n${out}${err}`);
      await sleep(250);
    }
  }

  async writeFile(path: string, content: string): Promise<void> {
    const encoded = Buffer.from(content).toString("base64");
    await this.do(
      `mkdir -p "$(dirname '${path}')" && base64 -d >'${path}.new' <<<'${encoded}' && mv '${path}.new' '${path}'`,
    );
  }

  /** Configures the network card. */
  async joinHost(): Promise<void> {
    await this.do(`
      card=$(basename "$(find /sys/class/net -name 'e*')")
      ip address add ${GUEST}/24 dev $card
      ip link set $card up
      ip route add default via ${HOST}`);
  }

  /** An orderly reboot. */
  async reboot(): Promise<void> {
    // Not answered: what would answer is stopped at once.
    this.#send("systemctl --no-block reboot", COMMAND_LIMIT_SECONDS);
    await this.#untilReady();
  }

  /** The power goes: what the guest had not yet written to its disks is lost. `start` switches the machine on again. */
  async powerCut(): Promise<void> {
    this.#port?.close();
    this.#port = undefined;
    this.#qemu?.kill("SIGKILL");
    await this.#ended;
  }

  /** The last lines of the kernel's console. */
  console(): string {
    try {
      return readFileSync(this.#consoleFile, "latin1").split("\n").slice(-CONSOLE_TAIL_LINES).join("\n");
    } catch {
      return "";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerCut();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function networkArguments(forwarded: MachineOptions["forwarded"]): string[] {
  if (forwarded === undefined) return [];
  const forwards = forwarded.map(({ address, port }) => `,hostfwd=tcp:${address}:${port}-${GUEST}:${port}`);
  return ["-netdev", `user,id=host${forwards.join("")}`, "-device", "virtio-net-pci,netdev=host,romfile="];
}

function decode(field: string | undefined): string {
  return field === undefined || field === "-" ? "" : Buffer.from(field, "base64").toString();
}

/** Lines to and from the guest. */
class Port {
  readonly #socket: Socket;
  readonly #lines: string[] = [];
  #rest = "";
  #open = true;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#open = false;
      this.#wake();
    });
  }

  /** qemu makes the socket a moment after it was started. */
  static async open(path: string, ended: () => boolean): Promise<Port> {
    for (const limit = Date.now() + CONNECT_LIMIT_MS; ; await sleep(50)) {
      const socket = connect(path);
      try {
        await new Promise<void>((done, fail) => {
          socket.once("connect", () => done());
          socket.once("error", fail);
        });
        return new Port(socket);
      } catch (error) {
        socket.destroy();
        if (ended() || Date.now() > limit) throw error;
      }
    }
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** The next line; undefined when the machine has ended. Throws when the time is over. */
  async line(limitMs: number, what: string): Promise<string | undefined> {
    const end = Date.now() + limitMs;
    while (this.#lines.length === 0 && this.#open) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`the machine did not say in time (${Math.round(limitMs / 1_000)} s) that ${what}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
    return this.#lines.shift();
  }

  close(): void {
    this.#socket.destroy();
  }
}
