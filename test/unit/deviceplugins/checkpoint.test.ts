import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import {
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from "../../../deviceplugins/checkpoint.ts";

/** Written by kubelet 1.36.3's own code. */
const KUBELETS =
  '{"Data":{"PodDeviceEntries":[{"PodUID":"uid-1","ContainerName":"c","ResourceName":"example.com/x","DeviceIDs":{"-1":["a","b\\"é"],"0":["z"],"10":[]},"AllocResp":"AQL/"},{"PodUID":"uid-2","ContainerName":"c","ResourceName":"example.com/x","DeviceIDs":{},"AllocResp":""},{"PodUID":"uid-3","ContainerName":"c","ResourceName":"example.com/x","DeviceIDs":null,"AllocResp":null}],"RegisteredDevices":{"a.com/z":null,"b.com/y":[],"example.com/x":["a","b"]}},"Checksum":4129648001}';

const sample: Checkpoint = {
  allocations: [
    {
      podUid: "u",
      container: "c",
      resource: "example.com/x",
      devices: new Map([
        [-1, ["b", "a"]],
        [1, ["z"]],
      ]),
      response: Buffer.from([1, 255]),
    },
  ],
  registered: new Map([["example.com/x", ["a", "b"]]]),
};

t.test("kubelet's file is read", async (t) => {
  const { allocations, registered } = decodeCheckpoint(KUBELETS);
  t.same(
    allocations.map(({ podUid, devices, response }) => [podUid, Object.fromEntries(devices), [...response]]),
    [
      ["uid-1", { "-1": ["a", 'b"é'], "0": ["z"], "10": [] }, [1, 2, 255]],
      ["uid-2", {}, []],
      ["uid-3", {}, []],
    ],
  );
  t.same(
    [...registered],
    [
      ["a.com/z", []],
      ["b.com/y", []],
      ["example.com/x", ["a", "b"]],
    ],
  );
});

t.test("what is written is read again", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-checkpoint-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "checkpoint");
  t.equal(await readCheckpoint(path), undefined);
  await writeCheckpoint(path, { allocations: [], registered: new Map() });
  await writeCheckpoint(path, sample);
  t.same(await readCheckpoint(path), sample);
  t.same(readdirSync(directory), ["checkpoint"], "nothing beside it");
});

t.test("links in its place lead nowhere, and it is root's alone", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-checkpoint-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "checkpoint");
  const host = join(directory, "host-file");
  writeFileSync(host, encodeCheckpoint(sample));
  symlinkSync(host, path);
  await t.rejects(readCheckpoint(path), { code: "ELOOP" });
  symlinkSync(host, `${path}.new`);
  await writeCheckpoint(path, { allocations: [], registered: new Map() });
  t.equal(readFileSync(host, "utf8"), encodeCheckpoint(sample), "what they lead to is as it was");
  t.same((await readCheckpoint(path))?.allocations, []);
  t.equal(statSync(path).mode & 0o777, 0o600);
  await t.rejects(readCheckpoint("/dev/zero"), { code: "invalid" }, "not to be read to its end");
});

t.test("a file of another hand is refused", async (t) => {
  const text = encodeCheckpoint(sample);
  t.throws(() => decodeCheckpoint(text.replace('"b","a"', '"b","c"')), { code: "invalid", message: /checksum/ });
  for (const wrong of ["", "null", "[]", "{}", text.slice(0, -5), '{"Data":{"PodDeviceEntries":[1]},"Checksum":1}'])
    t.throws(() => decodeCheckpoint(wrong), wrong);
});
