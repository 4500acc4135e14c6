// Signal names of images and the CRI to Linux numbers.

import { constants } from "node:os";

import { NodeletError } from "../base/errors.ts";
import { Signal } from "../cri/runtime.ts";

export const SIGKILL = 9;
const SIGTERM = 15;
const SIGNAL_MAX = 64;
/** First real-time signal that libc leaves to programs. */
const SIGRTMIN = 34;

/** The signal that stops a container: the pod's wish, else the image's StopSignal, else SIGTERM. */
export function parseStopSignal(wanted: Signal | undefined, imageSignal: string | undefined): number {
  if (wanted !== undefined && wanted !== Signal.SIGNAL_RUNTIME_DEFAULT) {
    const name = Object.entries(Signal).find(([, value]) => value === wanted)?.[0];
    if (name === undefined)
      throw new NodeletError("invalid", `there is no stop signal number ${wanted}`, { where: "config.stop_signal" });
    return signalNumber(name.replace(/^SIGNAL_/, ""));
  }
  return imageSignal === undefined || imageSignal === "" ? SIGTERM : signalNumber(imageSignal);
}

/** `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`, `SIGRTMINPLUS3`. Throws `invalid`. */
export function signalNumber(text: string): number {
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number <= SIGNAL_MAX) return number;
  }
  const name = text.toUpperCase().replace(/^(?!SIG)/, "SIG");
  const realTime = /^SIGRT(MIN|MAX)(?:(?:\+|PLUS|-|MINUS)(\d{1,2}))?$/.exec(name);
  if (realTime !== null) {
    const offset = Number(realTime[2] ?? 0);
    const number = realTime[1] === "MIN" ? SIGRTMIN + offset : SIGNAL_MAX - offset;
    if (number >= SIGRTMIN && number <= SIGNAL_MAX) return number;
  }
  const aliases: Readonly<Record<string, string>> = { SIGCLD: "SIGCHLD" };
  const number = (constants.signals as Readonly<Record<string, number>>)[aliases[name] ?? name];
  if (number === undefined) {
    throw new NodeletError("invalid", `"${text}" is not a signal`, {
      fix: "use a name such as SIGTERM or a number from 1 to 64",
    });
  }
  return number;
}
