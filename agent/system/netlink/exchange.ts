// Sends messages to the kernel and tells which of them failed and why.
import { isErrno, NodeletError } from "../../base/errors.ts";
import type { Fd, System } from "../system.ts";
import {
  decodeAnswer,
  decodeError,
  join,
  type NetlinkError,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  type Answer,
  type NetlinkMessage,
} from "./netlink.ts";

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;

export interface Outcome {
  readonly message: NetlinkMessage;
  /** Answers with content, without acknowledgements and ends of dumps. */
  readonly answers: readonly Answer[];
  readonly error: NetlinkError | undefined;
  /** The dump was changed while it was read. */
  readonly interrupted: boolean;
}

/** How often a dump that changed under our hands is read again before the last reading is taken. */
const MAX_DUMP_READINGS = 5;

/**
 * Sends messages in one call and gives one outcome a message, in their order; only a broken socket or answer rejects.
 * The route family takes each message on its own; a netfilter batch is all or nothing, and its messages that were not
 * asked to be acknowledged have an outcome without answers.
 */
export async function tryExchange(
  system: Pick<System, "netlink">,
  protocol: number,
  messages: readonly NetlinkMessage[],
  options?: { netns?: Fd | undefined },
): Promise<Outcome[]> {
  if (messages.length === 0) return [];
  const firstSequence = 1;
  let replies: Uint8Array[][];
  try {
    replies = await system.netlink(protocol, [join(messages, firstSequence)], { netns: options?.netns });
  } catch (error) {
    throw new NodeletError(
      isErrno(error, "ETIMEDOUT") ? "timeout" : "unavailable",
      `Cannot ${messages.map((message) => message.what).join(", ")}`,
      { cause: error },
    );
  }
  const outcomes = messages.map((message) => ({
    message,
    answers: [] as Answer[],
    error: undefined as NetlinkError | undefined,
    interrupted: false,
  }));
  for (const bytes of replies.flat()) {
    const answer = decodeAnswer(bytes);
    const outcome = outcomes[answer.sequence - firstSequence];
    if (outcome === undefined) continue;
    if ((answer.flags & NLM_F_DUMP_INTR) !== 0 && answer.type !== NLMSG_ERROR) outcome.interrupted = true;
    if (answer.type === NLMSG_ERROR) outcome.error ??= decodeError(answer, outcome.message.what);
    else if (answer.type === NLMSG_DONE) outcome.error ??= endOfDump(answer, outcome.message.what);
    else outcome.answers.push(answer);
  }
  return outcomes;
}

/** A dump that fails half-way says so in its NLMSG_DONE. */
function endOfDump(answer: Answer, what: string): NetlinkError | undefined {
  return answer.payload.length >= 4
    ? decodeError({ ...answer, payload: answer.payload.subarray(0, 4) }, what)
    : undefined;
}

/** As tryExchange; the first error among the messages is thrown, as the later ones often only follow from it. */
export async function exchange(
  system: Pick<System, "netlink">,
  protocol: number,
  messages: readonly NetlinkMessage[],
  options?: { netns?: Fd | undefined },
): Promise<Answer[][]> {
  const outcomes = await tryExchange(system, protocol, messages, options);
  for (const { error } of outcomes) {
    if (error !== undefined) throw error;
  }
  return outcomes.map((outcome) => [...outcome.answers]);
}

/** Reads a dump, again when it changed meanwhile. */
export async function dump(
  system: Pick<System, "netlink">,
  protocol: number,
  message: NetlinkMessage,
  options?: { netns?: Fd | undefined },
): Promise<Answer[]> {
  for (let reading = 1; ; reading++) {
    const [outcome] = await tryExchange(system, protocol, [message], options);
    if (outcome === undefined) return [];
    if (outcome.error !== undefined) throw outcome.error;
    if (!outcome.interrupted || reading === MAX_DUMP_READINGS) return [...outcome.answers];
  }
}
