// Why a pod is not running, as one chain from what is seen to what caused it. A pure function of what the agent knows.

import type { V1Container, V1ContainerStatus } from "@kubernetes/client-node";

import type { PodEvent, PodView } from "./manager.ts";

export interface Link {
  readonly says: string;
  /** What shows it: messages, log lines. */
  readonly evidence: readonly string[];
}

export interface Why {
  readonly pod: string;
  /** True when nothing is wrong. */
  readonly well: boolean;
  /** From what is seen to its cause. */
  readonly chain: readonly Link[];
  /** What to do. */
  readonly next: string;
}

export interface WhyInput {
  readonly view: PodView;
  /** Of this pod, oldest first. */
  readonly events: readonly PodEvent[];
  /** The last lines of a container's newest run, or of the one before where the newest has not begun. */
  readonly logTail: (container: string) => readonly string[];
}

/** Causes of a container's state that are told in one link. */
interface Cause {
  readonly links: readonly Link[];
  readonly next: string;
}

const link = (says: string, ...evidence: (string | undefined)[]): Link => ({
  says,
  evidence: evidence.filter((text): text is string => text !== undefined && text !== ""),
});

/** Reasons of a pod that was not let in, or was ended as a whole. */
const REJECTIONS: readonly { readonly reasons: RegExp; readonly says: string; readonly next: string }[] = [
  {
    reasons: /^NodePorts$/,
    says: "a port of the host that it asks for belongs to another pod",
    next: "give it another hostPort, or end the pod that has it and make this one anew",
  },
  {
    reasons: /^(NodeAffinity|TaintToleration)$/,
    says: "it asks for another node than this one",
    next: "correct its nodeSelector, affinity or tolerations, or the node's labels and taints",
  },
  {
    reasons: /^OutOf/,
    says: "this node does not have as much left as it requests",
    next: "lower resources.requests, or end other pods and make this one anew",
  },
  {
    reasons: /^UnexpectedAdmissionError$/,
    says: "it was not given the devices that it asks for",
    next: "end a pod that has them, or look at the device plugin and its log, and make this one anew",
  },
  {
    reasons: /^DeadlineExceeded$/,
    says: "it ran for as long as activeDeadlineSeconds allows",
    next: "raise spec.activeDeadlineSeconds, or leave it out",
  },
  {
    reasons: /^Evicted$/,
    says: "it was ended as it used more than it may",
    next: "raise the limit that is named, or make the program use less",
  },
];

export function whyNot(input: WhyInput): Why {
  const { view, events } = input;
  const { pod } = view;
  const name = `${pod.metadata?.namespace ?? "default"}/${pod.metadata?.name ?? ""}`;
  const { phase = "Unknown", reason, message } = pod.status;
  const result = (first: Link, cause: Cause, well = false): Why => ({
    pod: name,
    well,
    chain: [first, ...cause.links],
    next: cause.next,
  });
  if (view.deleting) {
    const running = statusesOf(view).filter(({ state }) => state?.running !== undefined);
    return result(link(`pod ${name} is being ended`), {
      links:
        running.length === 0 ? [] : [link(`it waits for ${running.map(({ name: each }) => each).join(", ")} to end`)],
      next: "wait for the end of its grace period; `nodelet events` shows the steps",
    });
  }
  const cause = blockedBy(input);
  const first = link(`pod ${name} is ${phase}`, reason === undefined ? undefined : `${reason}: ${message ?? ""}`);
  if (cause !== undefined) return result(first, cause);
  if (view.problem !== undefined) {
    return result(link(`pod ${name} is ${phase}, as an older manifest describes it`), {
      links: [link("its newest manifest is rejected", view.problem)],
      next: `correct ${view.origin}`,
    });
  }
  if (phase === "Succeeded") return result(link(`pod ${name} has run to its end`), { links: [], next: "" }, true);
  if (phase === "Failed") {
    const rejected = REJECTIONS.find(({ reasons }) => reasons.test(reason ?? ""));
    if (rejected !== undefined) return result(first, { links: [link(rejected.says)], next: rejected.next });
    const failed = statusesOf(view).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
    const ended = failed === undefined ? undefined : endedBadly(input, failed, failed.state?.terminated);
    return result(first, ended ?? { links: [], next: "see `nodelet events`" });
  }
  const warning = events.findLast(({ type }) => type === "Warning");
  if (phase === "Running")
    return result(link(`pod ${name} runs, and all its containers are ready`), { links: [], next: "" }, true);
  return result(first, {
    links: [link(warning === undefined ? "it is being set up" : "the last that went wrong", warning?.message)],
    next: "look again in a moment; `nodelet events -f` shows what is done",
  });
}

function statusesOf(view: PodView): readonly V1ContainerStatus[] {
  return [...(view.pod.status.initContainerStatuses ?? []), ...(view.pod.status.containerStatuses ?? [])];
}

function blockedBy(input: WhyInput): Cause | undefined {
  const { view } = input;
  const statuses = statusesOf(view);
  const begun = statuses.some(({ containerID }) => (containerID ?? "") !== "");
  if (!begun) {
    const setup = sandboxOrVolumes(input);
    if (setup !== undefined) return setup;
  }
  const inits = view.pod.status.initContainerStatuses ?? [];
  const sidecars = new Set(
    (view.pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always").map((c) => c.name),
  );
  for (const status of inits) {
    const done = sidecars.has(status.name) ? status.started === true : status.state?.terminated?.exitCode === 0;
    if (done) continue;
    const cause = containerCause(input, status);
    const at = link(
      `init container ${status.name} has to ${sidecars.has(status.name) ? "start" : "end"} before the others begin`,
    );
    if (status.state?.running !== undefined && !sidecars.has(status.name)) {
      return {
        links: [at, link("it still runs", ...input.logTail(status.name))],
        next: `see what it waits for: \`nodelet logs ${view.pod.metadata?.name} -c ${status.name}\``,
      };
    }
    if (cause !== undefined) return { links: [at, ...cause.links], next: cause.next };
    return undefined;
  }
  for (const status of view.pod.status.containerStatuses ?? []) {
    const cause = containerCause(input, status);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** What keeps every container from being made. */
function sandboxOrVolumes({ view, events }: WhyInput): Cause | undefined {
  const failure = events.findLast(
    ({ reason, message }) =>
      reason === "FailedCreatePodSandBox" ||
      reason === "FailedMount" ||
      (reason === "FailedSync" && message.includes("device plugin")),
  );
  const ready = events.findLast(({ reason }) => reason === "Pulled" || reason === "Created" || reason === "Pulling");
  if (failure === undefined || (ready !== undefined && ready.sequence > failure.sequence)) return undefined;
  if (failure.reason === "FailedMount") {
    return {
      links: [link("a volume cannot be made ready", failure.message)],
      next: "make what the volume names, or mark it optional; the pod starts by itself then",
    };
  }
  if (failure.reason === "FailedSync") {
    return {
      links: [link("it waits for a device plugin", failure.message)],
      next: "look whether the plugin runs; the pod starts by itself when it has registered",
    };
  }
  if (/port/i.test(failure.message) && /in use|taken|EADDRINUSE|conflict/i.test(failure.message)) {
    return {
      links: [link("its sandbox cannot be made: a port of the host is taken", failure.message)],
      next: "end what has the port (`ss -ltnp`), or give the pod another hostPort",
    };
  }
  const network = /network|CNI|bridge|address/i.test(failure.message);
  return {
    links: [link(network ? "its network cannot be made" : "its sandbox cannot be made", failure.message)],
    next: network
      ? "see `nodelet doctor` and the network's configuration"
      : `see \`nodelet events ${view.pod.metadata?.name}\``,
  };
}

function containerCause(input: WhyInput, status: V1ContainerStatus): Cause | undefined {
  const { waiting, running, terminated } = status.state ?? {};
  if (terminated !== undefined && terminated.exitCode !== 0) return endedBadly(input, status, terminated);
  if (waiting !== undefined) return waitingCause(input, status, waiting.reason ?? "", waiting.message);
  if (running !== undefined && !status.ready) return notReady(input, status);
  return undefined;
}

function waitingCause(
  input: WhyInput,
  status: V1ContainerStatus,
  reason: string,
  message: string | undefined,
): Cause | undefined {
  const waits = link(`container ${status.name} waits: ${reason}`, message);
  const image = imageOf(input.view, status.name);
  switch (reason) {
    case "":
    case "PodInitializing":
      return undefined;
    case "ContainerCreating": {
      // "Error: ErrImagePull" follows what says why.
      const failure = input.events.findLast(
        (event) => event.type === "Warning" && event.container === status.name && !/^Error: \w+$/.test(event.message),
      );
      return failure === undefined
        ? undefined
        : { links: [link(`container ${status.name} is not made yet`, failure.message)], next: "see `nodelet events`" };
    }
    case "ErrImageNeverPull":
      return {
        links: [waits, link(`image ${image} is not on this node, or not for this pod, and imagePullPolicy is Never`)],
        next: `load it with \`nodelet load\` or \`nodelet pull ${image}\`; if a pod pulled it, name its Secret in imagePullSecrets`,
      };
    case "InvalidImageName":
      return {
        links: [waits, link(`${JSON.stringify(image)} is no name of an image`)],
        next: "correct the container's image in the manifest",
      };
    case "ErrImagePull":
    case "ImagePullBackOff":
    case "RegistryUnavailable": {
      const failure = input.events.findLast(
        (event) =>
          event.reason === "Failed" && event.container === status.name && event.message.startsWith("Failed to pull"),
      );
      return {
        links: [waits, link(`image ${image} cannot be pulled`, failure?.message)],
        next: `check the name and the registry, then try \`nodelet pull ${image}\``,
      };
    }
    case "CreateContainerConfigError":
      if (!/not found|find key/i.test(message ?? "")) {
        return {
          links: [waits, link("its specification cannot be carried out", lastFailure(input, status.name))],
          next: "correct what the message names in the manifest",
        };
      }
      return {
        links: [waits, link("what its specification refers to is not there", lastFailure(input, status.name))],
        next: "make the ConfigMap or Secret that is named, or mark the reference optional",
      };
    case "CrashLoopBackOff": {
      const ended = status.lastState?.terminated;
      const cause = endedBadly(input, status, ended);
      if (cause !== undefined) return { links: [waits, ...cause.links], next: cause.next };
      return {
        links: [waits, link(`its runs end with success, and the pod's restartPolicy starts it again`)],
        next: "set restartPolicy: OnFailure or Never where a container is meant to end",
      };
    }
    default:
      return {
        links: [waits, ...startFailure(message ?? lastFailure(input, status.name) ?? "")],
        next: nextOfStart(message ?? ""),
      };
  }
}

/** Its end, from exit code and reason to the last that it said. */
function endedBadly(
  input: WhyInput,
  status: V1ContainerStatus,
  ended: NonNullable<V1ContainerStatus["state"]>["terminated"],
): Cause | undefined {
  if (ended === undefined) return undefined;
  const unhealthy = endedByProbe(input, status.name, ended.exitCode);
  if (ended.exitCode === 0 && ended.reason !== "OOMKilled" && unhealthy === undefined) return undefined;
  const { exitCode, reason = "", message = "" } = ended;
  const name = status.name;
  const times = status.restartCount > 0 ? `, after ${status.restartCount} restarts` : "";
  if (reason === "StartError" || reason === "ContainerCannotRun") {
    return {
      links: [link(`container ${name} cannot be started${times}`), ...startFailure(message)],
      next: nextOfStart(message),
    };
  }
  if (reason === "OOMKilled") {
    return {
      links: [
        link(`container ${name} ended with exit code ${exitCode}${times}`),
        link("the kernel killed it as it used more memory than its limit", limitOf(input.view, name)),
      ],
      next: "raise resources.limits.memory, or make the program use less",
    };
  }
  const ending = ended.signal ? `was ended by signal ${ended.signal}` : `ended with exit code ${exitCode}`;
  if (unhealthy !== undefined) {
    return {
      links: [link(`container ${name} ${ending}${times}`), link("it was ended as its probe failed", unhealthy)],
      next: "see whether the program answers its probe in time; give it a startupProbe or a longer timeout",
    };
  }
  const tail = input.logTail(name);
  const meaning =
    exitCode === 127
      ? "its shell found no such command"
      : exitCode === 126
        ? "its command is not executable"
        : undefined;
  return {
    links: [
      link(`container ${name} ${ending}${times}`, message),
      ...(meaning === undefined ? [] : [link(meaning)]),
      link(tail.length === 0 ? "it wrote nothing" : "the last that it wrote", ...tail),
    ],
    next: `see all of it with \`nodelet logs --previous ${input.view.pod.metadata?.name} -c ${name}\``,
  };
}

/** What its liveness or startup probe said, where that is why its last run was ended; a program may end well when it is told to. */
function endedByProbe({ events }: WhyInput, container: string, exitCode: number): string | undefined {
  const own = events.filter((event) => event.container === container);
  const probe = own.findLast(({ reason, message }) => reason === "Unhealthy" && /liveness|startup/i.test(message));
  const killed = own.findLast(({ reason }) => reason === "Killing");
  const started = own.findLast(({ reason }) => reason === "Started");
  if (probe === undefined || killed === undefined || killed.sequence < probe.sequence) return undefined;
  if (started !== undefined && started.sequence > killed.sequence) return undefined;
  return exitCode > 128 || /failed (liveness|startup) probe/.test(killed.message) ? probe.message : undefined;
}

function startFailure(message: string): Link[] {
  if (message === "") return [];
  if (/exec|cannot run/i.test(message) && /ENOENT|no such file|not found/i.test(message)) {
    return [link("its image has no such program", message)];
  }
  if (
    /exec|cannot run/i.test(message) &&
    /EACCES|permission denied|ENOEXEC|exec format error|not executable/i.test(message)
  ) {
    return [link("its program cannot be executed", message)];
  }
  return [link("a step of building it failed", message)];
}

function nextOfStart(message: string): string {
  if (/exec|cannot run/i.test(message) && /ENOENT|no such file|not found/i.test(message)) {
    return "correct command in the manifest: name a program that the image has, by its path or one in PATH";
  }
  if (/exec|cannot run/i.test(message) && /EACCES|permission denied|ENOEXEC|exec format error/i.test(message)) {
    return "make the file executable in the image, for this machine's architecture";
  }
  return "`nodelet explain` of the container shows the step, and the field that asked for it";
}

function notReady(input: WhyInput, status: V1ContainerStatus): Cause | undefined {
  const probe = input.events.findLast((event) => event.container === status.name && event.reason === "Unhealthy");
  const started = status.started === true;
  const kind = started ? "readiness" : "startup";
  if (probe === undefined) {
    return {
      links: [link(`container ${status.name} runs, and its ${kind} probe has not succeeded yet`)],
      next: "look again in a moment",
    };
  }
  return {
    links: [link(`container ${status.name} runs and is not ready`), link(`its ${kind} probe fails`, probe.message)],
    next: `see whether the program answers: \`nodelet logs ${input.view.pod.metadata?.name} -c ${status.name}\``,
  };
}

function lastFailure({ events }: WhyInput, container: string): string | undefined {
  return events.findLast((event) => event.container === container && event.type === "Warning")?.message;
}

function specOf(view: PodView, name: string): V1Container | undefined {
  const { spec } = view.pod;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find((container) => container.name === name);
}

function imageOf(view: PodView, name: string): string {
  return specOf(view, name)?.image ?? "";
}

function limitOf(view: PodView, name: string): string | undefined {
  const limit = specOf(view, name)?.resources?.limits?.["memory"];
  return limit === undefined ? undefined : `resources.limits.memory: ${limit}`;
}
