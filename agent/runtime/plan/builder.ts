// Builds a plan step by step: hands out registers, and refuses a step that uses one before it is opened.

import { NodeletError } from "../../base/errors.ts";
import {
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

export class PlanBuilder {
  readonly #steps: Step[] = [];
  /** By register: the actor that opened it. */
  readonly #open = new Map<number, Actor>();

  add<N extends OperationName>(actor: Actor, op: N, args: Arguments<N>, cause: string, tolerate?: Tolerance): void {
    for (const [name, kind] of Object.entries(OPERATIONS[op].args)) {
      const value = (args as Readonly<Record<string, unknown>>)[name];
      if (kind === "reg" && value !== NO_REG && !this.#open.has(value as number)) {
        throw new NodeletError(
          "internal",
          `step ${this.#steps.length} (${op}) uses register ${String(value)} before it is opened`,
        );
      }
    }
    this.#steps.push({
      op,
      actor,
      args,
      cause,
      ...(tolerate === undefined || tolerate === "never" ? {} : { tolerate }),
    } as Step);
  }

  /** Adds a step that opens a descriptor, and returns its register. */
  open<N extends Opening>(actor: Actor, op: N, args: Omit<Arguments<N>, "out">, cause: string): number {
    const out = this.#free(cause);
    this.#open.set(out, actor);
    this.add(actor, op, { out, ...args } as Arguments<N>, cause);
    return out;
  }

  /** Closes a register. Its number is used again, if the same actor opened it: then no other one holds it. */
  close(actor: Actor, reg: number, cause: string): void {
    this.add(actor, "close", { reg }, cause);
    if (this.#open.get(reg) === actor) this.#open.delete(reg);
  }

  #free(cause: string): number {
    for (let reg = 0; reg < REGISTER_COUNT; reg++) if (!this.#open.has(reg)) return reg;
    throw new NodeletError("unsupported", `a container needs more than ${REGISTER_COUNT} descriptors at once`, {
      where: cause,
      fix: "use fewer mounts and devices",
    });
  }

  build(): Plan {
    return { steps: this.#steps };
  }
}
