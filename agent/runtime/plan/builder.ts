// Builds a plan step by step: hands out registers, and refuses a step that uses one that its process does not hold.

import { NodeletError } from "../../base/errors.ts";
import {
  ACTORS,
  NO_REG,
  OPERATIONS,
  REGISTER_COUNT,
  type Actor,
  type Arguments,
  type OperationName,
  type Plan,
  type Step,
  type Tolerance,
} from "./operations.ts";

/** Operations that open a register. */
type Opening = { [N in OperationName]: Arguments<N> extends { readonly out: number } ? N : never }[OperationName];

/** A process of the plan: `child` and `inside` are one. */
type Role = Exclude<Actor, "inside">;

export class PlanBuilder {
  readonly #steps: Step[] = [];
  /** Registers that each process holds. A process starts with those of the one that forks it; from there each has its own. */
  readonly #held = new Map<Role, Set<number>>([["host", new Set()]]);

  add<N extends OperationName>(actor: Actor, op: N, args: Arguments<N>, cause: string, tolerate?: Tolerance): void {
    const held = this.#heldBy(actor, op);
    for (const [name, kind] of Object.entries(OPERATIONS[op].args)) {
      const value = (args as Readonly<Record<string, unknown>>)[name];
      if (kind === "reg" && value !== NO_REG && !held.has(value as number)) {
        throw new NodeletError(
          "internal",
          `step ${this.#steps.length} (${op}) uses register ${String(value)}, which ${actor} does not hold`,
        );
      }
    }
    const step = {
      op,
      actor,
      args,
      cause,
      ...(tolerate === undefined || tolerate === "never" ? {} : { tolerate }),
    } as Step;
    this.#steps.push(step);
    if (step.op === "fork") {
      const inherited = new Set(held);
      inherited.delete(step.args.out);
      this.#held.set(ACTORS[step.args.who] as Role, inherited);
    }
  }

  /** Adds a step that opens a descriptor, and returns its register. */
  open<N extends Opening>(actor: Actor, op: N, args: Omit<Arguments<N>, "out">, cause: string): number {
    const held = this.#heldBy(actor, op);
    const out = this.#free(held, cause);
    held.add(out);
    this.add(actor, op, { out, ...args } as Arguments<N>, cause);
    return out;
  }

  close(actor: Actor, reg: number, cause: string): void {
    this.add(actor, "close", { reg }, cause);
    this.#heldBy(actor, "close").delete(reg);
  }

  /** Takes what another actor gives into the register of the same number, which is free in every process that was started before. */
  take(actor: Actor, who: number, reg: number, cause: string): void {
    this.#heldBy(actor, "take").add(reg);
    this.add(actor, "take", { out: reg, who }, cause);
  }

  #heldBy(actor: Actor, op: OperationName): Set<number> {
    const held = this.#held.get(actor === "inside" ? "child" : actor);
    if (held === undefined)
      throw new NodeletError("internal", `step ${this.#steps.length} (${op}) is of ${actor}, which is not started yet`);
    return held;
  }

  /** A number that means one thing in all processes, as long as there are some left: plans are read by people. */
  #free(held: ReadonlySet<number>, cause: string): number {
    const all = [...this.#held.values()];
    for (let reg = 0; reg < REGISTER_COUNT; reg++) if (!all.some((each) => each.has(reg))) return reg;
    for (let reg = 0; reg < REGISTER_COUNT; reg++) if (!held.has(reg)) return reg;
    throw new NodeletError("unsupported", `a container needs more than ${REGISTER_COUNT} descriptors at once`, {
      where: cause,
      fix: "use fewer mounts and devices",
    });
  }

  build(): Plan {
    return { steps: this.#steps };
  }
}
