// Messages of the CRI as they come over the wire. The codec is generated; nodelet's part is what it does to 64-bit numbers and to
// fields that are absent.

import { isErrno } from "../../agent/base/errors.ts";
import { messages } from "../../proto/cri/runtime.gen.js";
import { decodeMessage, encodeMessage, type MessageCodec, type MessageCodecs, prepare } from "../../proto/wire.ts";
import { fuzz } from "./harness.ts";

const codecs = messages as unknown as MessageCodecs;
prepare(codecs);

const config = {
  metadata: { name: "n", uid: "u", namespace: "s", attempt: 1 },
  hostname: "h",
  labels: { a: "b" },
  annotations: { c: "d" },
  linux: {
    cgroupParent: "/p",
    sysctls: { "net.x": "1" },
    resources: { cpuPeriod: 100000n, memoryLimitInBytes: 9007199254740993n },
    securityContext: {
      runAsUser: { value: 1000n },
      supplementalGroups: [1n, -2n, 9007199254740993n],
      privileged: true,
    },
  },
};
const seeds: Readonly<Record<string, object>> = {
  RunPodSandboxRequest: { config, runtimeHandler: "r" },
  CreateContainerRequest: {
    podSandboxId: "p",
    config: {
      metadata: { name: "c", attempt: 0 },
      image: { image: "i", annotations: { x: "y" } },
      command: ["sh", "-c", "true"],
      envs: [{ key: "K", value: Buffer.from("v") }],
      mounts: [
        {
          containerPath: "/c",
          hostPath: "/h",
          readonly: true,
          uidMappings: [{ hostId: 1, containerId: 0, length: 2 }],
        },
      ],
      linux: { resources: { unified: { "memory.high": "1" } } },
    },
    sandboxConfig: config,
  },
  ExecSyncRequest: { containerId: "c", cmd: ["a", ""], timeout: -1n },
  ListContainersRequest: { filter: { id: "x", state: { state: 1 }, labelSelector: { a: "b" } } },
  UpdateContainerResourcesRequest: { containerId: "c", linux: { cpuQuota: -1n }, annotations: {} },
  PullImageRequest: { image: { image: "a/b" }, auth: { username: "u", password: "p" }, sandboxConfig: config },
};

fuzz(
  Object.entries(seeds).map(([name, message]) => {
    const codec = codecs[name] as MessageCodec;
    return {
      name,
      run(input: Buffer) {
        let decoded: object;
        try {
          decoded = decodeMessage(codec, input);
        } catch (error) {
          // The codec's own words for bytes that are no such message, which gRPC answers with.
          if (
            error instanceof RangeError ||
            isErrno(error, "ERR_ENCODING_INVALID_ENCODED_DATA") ||
            (error instanceof Error && error.constructor === Error)
          )
            return "no message";
          throw error;
        }
        // What was taken is written, and reads the same.
        const written = encodeMessage(codec, decoded);
        const again = encodeMessage(codec, decodeMessage(codec, written));
        if (!again.equals(written)) throw new Error("it is another message when it is written and read again");
        return `${Object.keys(decoded).join()} ${Math.round(Math.log2(written.length + 1))}`;
      },
      seeds: [encodeMessage(codec, message)],
      dictionary: [
        Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]),
        Buffer.from([0x0b]),
        Buffer.from([0x0c]),
      ],
      count: 4000,
    };
  }),
);
