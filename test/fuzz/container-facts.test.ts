// What a container can make the kernel, its shim, its probes and its logs say of it.

import { decodeAnswer } from "../../agent/pods/probes/grpc-health.ts";
import { logTail } from "../../agent/pods/files.ts";
import { encodeFrame, FrameParser, FrameType } from "../../agent/runtime/plan/frames.ts";
import { parseMountLine } from "../../agent/system/mountinfo.ts";
import { parseStat } from "../../agent/system/procfs.ts";
import { fuzz } from "./harness.ts";

/** TASK_COMM_LEN of Linux, less its NUL. */
const COMMAND_BYTES = 15;
/** kubelet's limit for the end of a log as a termination message. */
const LOG_TAIL_MAX = 2048;

/** As the kernel writes a path into mountinfo. */
const escaped = (path: string): string =>
  path.replaceAll(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);

const frame = (type: FrameType, text: string): Buffer => Buffer.from(encodeFrame(type, Buffer.from(text)));

fuzz([
  {
    name: "process-command",
    run(input) {
      const command = input.toString("latin1", 0, COMMAND_BYTES).replaceAll("\0", "");
      const fields = Array.from({ length: 49 }, (_, index) => 100 + index);
      const stat = parseStat(`7 (${command}) S ${fields.join(" ")}\n`);
      if (stat.command !== command || stat.pid !== 7 || stat.parent !== 100 || stat.startTime !== 118n)
        throw new Error(`a command changes the fields: ${JSON.stringify(command)}`);
      return `${command.length}`;
    },
    seeds: ["sh", "a) S 1 2 3", "((((", ") (", "\n"],
    dictionary: [")", "(", " ", "\n", ") R 1"],
    maxBytes: 64,
  },
  {
    name: "mount-point",
    run(input) {
      const path = `/${input.toString("utf8").replaceAll("\0", "")}`;
      const at = escaped(path);
      const mount = parseMountLine(`36 35 98:0 ${at} ${at} rw,nosuid master:1 - overlay ${at} rw,lowerdir=${at}`);
      if (mount?.mountPoint !== path || mount.root !== path || mount.source !== path || mount.fsType !== "overlay")
        throw new Error(`a path is read as another: ${JSON.stringify(path)}`);
      return `${path.length}`;
    },
    seeds: ["mnt", "a b\tc\nd\\e#f", "\\040", " - overlay x rw"],
    dictionary: [" ", " - ", "\\040", "\\", "\n", "#", "\u00e9"],
    maxBytes: 512,
  },
  {
    name: "health-answer",
    run: (input) => decodeAnswer(input),
    seeds: [Buffer.from([0, 0, 0, 0, 2, 8, 1]), Buffer.from([0, 0, 0, 0, 0]), Buffer.alloc(0)],
    maxBytes: 64,
  },
  {
    name: "log-tail",
    run(input) {
      const tail = logTail(input.toString("utf8"));
      if (tail.length > LOG_TAIL_MAX) throw new Error(`${tail.length} characters are the end of a log`);
      return `${Math.min(tail.length, 100)}`;
    },
    seeds: ["2024-01-02T03:04:05Z stdout F one\n2024-01-02T03:04:05Z stderr P half\n", "no log\n"],
    dictionary: [" stdout F ", " stderr P ", "\n", "2024-01-02T03:04:05Z"],
  },
  {
    name: "shim-frames",
    run(input, random) {
      const parser = new FrameParser();
      let taken = 0;
      let frames = 0;
      try {
        for (let at = 0; at < input.length;) {
          const next = at + 1 + random(random(2) === 0 ? 4 : input.length);
          for (const { payload } of parser.push(input.subarray(at, next))) {
            taken += payload.length;
            frames += 1;
          }
          at = next;
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return "too long";
      }
      if (taken > input.length) throw new Error("more came out than went in");
      return `${frames} ${parser.idle}`;
    },
    seeds: [
      Buffer.concat([
        frame(FrameType.STDOUT, "hello"),
        frame(FrameType.STDERR, ""),
        frame(FrameType.EXITED, "\0\0\0\0"),
      ]),
    ],
    dictionary: [Buffer.from([0, 0, 64, 0]), Buffer.from([255, 255, 255, 255]), frame(FrameType.DONE, "")],
    maxBytes: 8192,
  },
]);
