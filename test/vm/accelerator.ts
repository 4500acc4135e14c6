// How qemu runs the machine: on the host's processor where that works, else in software.

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { VM_DIRECTORY, type VmImage } from "../../scripts/vm-image.ts";

export const SOFTWARE = "tcg,thread=multi";

/** A kernel says its first words within a second under KVM; a nested /dev/kvm may exist and never get that far. */
const PROOF_LIMIT_MS = 30_000;

const PROOF_MEMORY_MIB = 512;

/** A kernel that has come to look for its root file system has run on several processors with interrupts and timers. */
const PROOF = /VFS: (Cannot open root device|Unable to mount root)|Run \/init as init process/;

/** qemu's word for `-accel`. Proved once a boot of this host, and remembered. */
export async function chooseAccelerator(image: VmImage): Promise<string> {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch {
    return SOFTWARE;
  }
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const memory = join(VM_DIRECTORY, "accelerator");
  const [knownBoot, known] = existsSync(memory) ? readFileSync(memory, "utf8").trim().split(" ") : [];
  if (knownBoot === boot && known !== undefined) return known;
  const chosen = (await kernelBoots("kvm", image)) ? "kvm" : SOFTWARE;
  writeFileSync(memory, `${boot} ${chosen}\n`);
  return chosen;
}

/** What every machine of ours has: two processors, and nothing that is not asked for. */
export function machineArguments(accelerator: string, memoryMib: number): string[] {
  return words(
    `-M q35 -cpu max -accel ${accelerator} -smp 2 -m ${memoryMib} -nodefaults -no-user-config -display none`,
  );
}

export function words(text: string): string[] {
  return text.split(" ");
}

async function kernelBoots(accelerator: string, image: VmImage): Promise<boolean> {
  const args = [
    ...machineArguments(accelerator, PROOF_MEMORY_MIB),
    ...words("-no-reboot -serial stdio"),
    "-kernel",
    image.kernel,
    "-append",
    "console=ttyS0 panic=-1",
  ];
  const qemu = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  qemu.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
  const ended = new Promise<void>((done) => {
    qemu.once("close", () => done());
    qemu.once("error", () => done());
  });
  await Promise.race([ended, sleep(PROOF_LIMIT_MS, undefined, { ref: false })]);
  qemu.kill("SIGKILL");
  await ended;
  return PROOF.test(said);
}
