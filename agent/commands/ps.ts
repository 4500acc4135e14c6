// `nodelet ps`

import {
  ContainerState,
  PodSandboxState,
  type Container,
  type ContainerStatus,
  type PodSandbox,
} from "../cri/types.gen.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, type OptionSpecs } from "./cli.ts";
import { formatOf, listOf, render } from "./output.ts";
import { formatAge, formatTable } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  all: { kind: "flag", short: "a", help: "ended containers too" },
  sandboxes: { kind: "flag", short: "s", help: "the pods' sandboxes instead" },
  quiet: { kind: "flag", short: "q", help: "ids only" },
} as const satisfies OptionSpecs;

/** Digits of an id that are shown; every command takes them. */
const ID_DIGITS = 13;

type Listed = Omit<Container, "createdAt"> & { status: Json<ContainerStatus>; createdAt?: string };

/** 64-bit integers come as strings. */
type Json<T> = { [K in keyof T]: bigint extends T[K] ? string | undefined : T[K] };

export const psCommand = defineCommand({
  name: "ps",
  summary: "the containers, as the runtime has them",
  usage: ["[-a] [-s] [-q] [-o json|yaml]"],
  options: OPTIONS,
  args: { min: 0, max: 0 },
  async run({ options, client, print, warn }) {
    const format = formatOf(options.output);
    const { containers, sandboxes } = await client.get<{ containers: Listed[]; sandboxes: Json<PodSandbox>[] }>(
      "/nodelet/v1/containers",
    );
    const now = Date.now();
    if (options.sandboxes) {
      const shown = byAge(sandboxes.filter(({ state }) => options.all || isReady(state)));
      if (format !== undefined) await print(await render(listOf(shown), format));
      else if (options.quiet) await print(shown.map(({ id }) => `${id}\n`).join(""));
      else if (shown.length === 0)
        warn(options.all ? "there are no sandboxes" : "no sandbox is ready; see old ones with -a");
      else {
        const rows = shown.map((sandbox) => [
          shortId(sandbox.id),
          isReady(sandbox.state) ? "Ready" : "NotReady",
          formatAge(milliseconds(sandbox.createdAt), now),
          `${sandbox.metadata?.namespace}/${sandbox.metadata?.name}`,
          String(sandbox.metadata?.attempt ?? 0),
        ]);
        await print(`${formatTable(["SANDBOX", "STATE", "AGE", "POD", "ATTEMPT"], rows).join("\n")}\n`);
      }
      return EXIT.ok;
    }
    const shown = byAge(containers.filter(({ state }) => options.all || state === ContainerState.CONTAINER_RUNNING));
    const podOf = new Map(sandboxes.map(({ id, metadata }) => [id, `${metadata?.namespace}/${metadata?.name}`]));
    if (format !== undefined) await print(await render(listOf(shown), format));
    else if (options.quiet) await print(shown.map(({ id }) => `${id}\n`).join(""));
    else if (shown.length === 0)
      warn(options.all ? "there are no containers" : "no container is running; see ended ones with -a");
    else {
      const rows = shown.map((container) => [
        shortId(container.id),
        imageName(container),
        stateText(container.status, now),
        formatAge(milliseconds(container.createdAt), now),
        container.metadata?.name ?? "",
        String(container.metadata?.attempt ?? 0),
        podOf.get(container.podSandboxId) ?? shortId(container.podSandboxId),
      ]);
      await print(
        `${formatTable(["CONTAINER", "IMAGE", "STATE", "AGE", "NAME", "ATTEMPT", "POD"], rows).join("\n")}\n`,
      );
    }
    return EXIT.ok;
  },
});

function isReady(state: PodSandboxState | undefined): boolean {
  return (state ?? PodSandboxState.SANDBOX_READY) === PodSandboxState.SANDBOX_READY;
}

export function shortId(id: string | undefined): string {
  return (id ?? "").replace(/^sha256:/, "").slice(0, ID_DIGITS);
}

function imageName(container: Listed): string {
  const asked = container.image?.userSpecifiedImage || container.image?.image || container.imageRef || "";
  return asked.startsWith("sha256:") ? shortId(asked) : asked;
}

/** Nanoseconds as text, in milliseconds. */
function milliseconds(nanoseconds: string | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}

function stateText(status: Json<ContainerStatus>, now: number): string {
  switch (status.state ?? ContainerState.CONTAINER_CREATED) {
    case ContainerState.CONTAINER_CREATED:
      return "Created";
    case ContainerState.CONTAINER_RUNNING:
      return "Running";
    case ContainerState.CONTAINER_EXITED:
      return `Exited (${status.exitCode ?? 0}${status.reason === "OOMKilled" ? ", OOMKilled" : ""}) ${formatAge(milliseconds(status.finishedAt), now)} ago`;
    default:
      return "Unknown";
  }
}

/** Newest first. */
function byAge<T extends { readonly createdAt?: string | undefined }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => {
    const [left, right] = [BigInt(a.createdAt ?? 0), BigInt(b.createdAt ?? 0)];
    return left === right ? 0 : left < right ? 1 : -1;
  });
}
