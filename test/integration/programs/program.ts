// What a test knows of a program: what its clients ask, and how somebody edits its manifest.

import type { Test } from "tap";

import type { ProgramsNode } from "./node.ts";

export interface Asked {
  readonly t: Test;
  readonly node: ProgramsNode;
  /** The pod's address. */
  readonly ip: string;
}

export interface Program {
  /** Of the pod, the file in examples/ and the image. */
  readonly name: string;
  /** Clients ask for the first time, and leave something. */
  readonly first: (asked: Asked) => Promise<void>;
  /** By the host's port, while no agent runs. */
  readonly alone?: (asked: Asked) => Promise<void>;
  /** Clients find what was left; `edited`: also after the edit. */
  readonly again: (asked: Asked) => Promise<void>;
  readonly edit: (manifest: string) => string;
  /** The edit is of the pod itself, so that another takes its place; else the program takes it up as it runs. */
  readonly replaces: boolean;
  /** Clients see the edit, and what was left. */
  readonly edited: (asked: Asked) => Promise<void>;
}

/** Puts one text for another, which has to be there just once. */
export function replaced(text: string, ...pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((whole, [from, to]) => {
    if (whole.split(from).length !== 2) throw new Error(`not just once in the manifest: ${from}`);
    return whole.replace(from, () => to);
  }, text);
}
