// Walks through a plan as the shim would, without the kernel: what is opened, inherited, awaited and kept in order.

import { NO_REG, OPERATIONS, type Actor, type Plan, type Step } from "../../../../agent/runtime/plan/operations.ts";

type Role = "host" | "joined" | "child";
const roleOf = (actor: Actor): Role => (actor === "inside" ? "child" : actor);
const WHO: readonly Role[] = ["host", "joined", "child"];

/** What is wrong with a plan, a line each. */
export function planProblems(plan: Plan): string[] {
  const problems: string[] = [];
  const started = new Map<Role, Set<number>>([["host", new Set()]]);
  let inside = false;
  const say = (index: number, step: Step, text: string): void => {
    problems.push(`${index} ${step.actor} ${step.op}: ${text}`);
  };
  for (const [index, step] of plan.steps.entries()) {
    const role = roleOf(step.actor);
    const registers = started.get(role);
    if (registers === undefined) {
      say(index, step, "the actor is not started");
      continue;
    }
    if (step.actor === "inside" && !inside) say(index, step, "before pivot_root");
    if (step.actor === "child" && inside) say(index, step, "child after pivot_root");
    const values = step.args as Readonly<Record<string, unknown>>;
    for (const [name, kind] of Object.entries(OPERATIONS[step.op].args)) {
      const value = values[name];
      if (value === undefined) say(index, step, `lacks ${name}`);
      if (kind === "reg" && value !== NO_REG && !registers.has(value as number))
        say(index, step, `register ${String(value)} is not open`);
      if (kind === "out" && value !== NO_REG) {
        if (registers.has(value as number)) say(index, step, `register ${String(value)} is open already`);
        registers.add(value as number);
      }
      if (kind === "int" && !Number.isSafeInteger(value)) say(index, step, `${name} is no integer`);
      if (kind === "str" && typeof value === "string" && value.includes("\0")) say(index, step, `${name} holds NUL`);
    }
    if (Object.keys(values).length !== Object.keys(OPERATIONS[step.op].args).length)
      say(index, step, "has arguments that the table lacks");
    if (step.cause === "") say(index, step, "has no cause");
    if (step.op === "close") registers.delete(step.args.reg);
    if (step.op === "fork") {
      const who = WHO[step.args.who] ?? "host";
      if (started.has(who)) say(index, step, `starts ${who} twice`);
      const inherited = new Set(registers);
      inherited.delete(step.args.out);
      started.set(who, inherited);
    }
    if (step.op === "pivot_root") inside = true;
  }
  for (const [a, b] of [
    ["host", "child"],
    ["host", "joined"],
  ] as const)
    problems.push(...pairing(plan, a, b), ...pairing(plan, b, a));
  return problems;
}

/** Every wait has its signal. */
function pairing(plan: Plan, from: Role, to: Role): string[] {
  const count = (op: "signal" | "wait", actor: Role, who: Role): number =>
    plan.steps.filter(
      (step) => step.op === op && roleOf(step.actor) === actor && WHO[(step.args as { who: number }).who] === who,
    ).length;
  const signals = count("signal", from, to);
  const waits = count("wait", to, from);
  return signals === waits ? [] : [`${from} signals ${to} ${signals} times, which waits ${waits} times`];
}

/** The index of the first step that matches. */
export function indexOf(plan: Plan, matches: (step: Step) => boolean): number {
  return plan.steps.findIndex(matches);
}
