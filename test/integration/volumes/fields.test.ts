// time limit: 300 s
// Every field of a pod's volumes and of its containers' mounts, as the containers and the host see it.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { readMounts } from "../../../agent/system/mountinfo.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { field } from "../../fixtures/fields.ts";
import {
  afterAll,
  finished,
  leftBehind,
  names,
  picture,
  pod,
  podDirectory,
  pods,
  put,
  startAgent,
  until,
} from "./support.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");

const objects = `
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {greeting: hello, other: "2"}
binaryData: {bin: ${encode("\u0001")}}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
type: Opaque
stringData: {user: me}
data: {password: ${encode("hidden-value")}}
`;

const before = await picture();
const agent = await startAgent(20);
// Once all tests are through; it fails the file when it throws.
t.teardown(async () => {
  const left = await afterAll(agent);
  await agent[Symbol.asyncDispose]();
  left.push(...(await leftBehind(before)));
  if (left.length === 0) return;
  console.error(left.join("\n")); // tap keeps to itself what a teardown throws
  throw new Error("something is left behind");
});
const host = join(agent.directory, "host");
mkdirSync(join(host, "sub"), { recursive: true });
writeFileSync(join(host, "file"), "from the host");
writeFileSync(join(host, "sub", "inner"), "inner");
put(agent, "objects.yaml", objects);

field(
  t,
  [
    "spec.volumes[].name",
    "spec.volumes[].configMap.{name,optional,defaultMode}",
    "spec.volumes[].configMap.items[].{key,path,mode}",
    "spec.volumes[].secret.{secretName,optional,defaultMode}",
    "spec.volumes[].secret.items[].{key,path,mode}",
    "spec.volumes[].downwardAPI.defaultMode",
    "spec.volumes[].downwardAPI.items[].{path,mode}",
    "spec.volumes[].downwardAPI.items[].fieldRef.{apiVersion,fieldPath}",
    "spec.volumes[].downwardAPI.items[].resourceFieldRef.{containerName,resource,divisor}",
    "spec.volumes[].projected.defaultMode",
    "spec.volumes[].projected.sources[].{configMap,secret}.{name,optional}",
    "spec.volumes[].projected.sources[].{configMap,secret}.items[].{key,path,mode}",
    "spec.volumes[].projected.sources[].downwardAPI.items[].{path,mode}",
    "spec.volumes[].projected.sources[].downwardAPI.items[].fieldRef.{apiVersion,fieldPath}",
    "spec.volumes[].projected.sources[].downwardAPI.items[].resourceFieldRef.{containerName,resource,divisor}",
    "spec.containers[].volumeMounts[].{name,mountPath}",
  ],
  "files that the node writes: their names, contents and permissions; read-only, and Secrets in memory alone",
  async (t) => {
    const items = [{ key: "greeting", path: "deep/name", mode: 0o400 }];
    const item = (path: string, fieldPath: string): object => ({ path, fieldRef: { apiVersion: "v1", fieldPath } });
    const limit = {
      path: "limit",
      resourceFieldRef: { containerName: "main", resource: "limits.memory", divisor: "1Mi" },
    };
    const volumes = [
      { name: "config", configMap: { name: "config" } },
      { name: "some", configMap: { name: "config", items, defaultMode: 0o440 } },
      { name: "none", configMap: { name: "absent", optional: true } },
      { name: "secret", secret: { secretName: "credentials", defaultMode: 0o400 } },
      { name: "picked", secret: { secretName: "credentials", items: [{ key: "user", path: "a/who", mode: 0o440 }] } },
      { name: "nosecret", secret: { secretName: "absent", optional: true } },
      {
        name: "down",
        downwardAPI: {
          defaultMode: 0o440,
          items: [item("labels", "metadata.labels"), { ...item("uid", "metadata.uid"), mode: 0o400 }, limit],
        },
      },
      {
        name: "all",
        projected: {
          defaultMode: 0o444,
          sources: [
            { configMap: { name: "config", items: [{ key: "other", path: "two", mode: 0o440 }] } },
            { secret: { name: "credentials", items: [{ key: "user", path: "who/am/i", mode: 0o400 }] } },
            { downwardAPI: { items: [{ ...limit, mode: 0o600 }, item("pod", "metadata.name")] } },
            { configMap: { name: "absent", optional: true } },
            { secret: { name: "absent", optional: true } },
          ],
        },
      },
    ];
    const script = `
        cat /config/greeting; echo; ls /config; stat -c %a /config/greeting; stat -Lc %a /config/greeting
        stat -Lc '%a' /some/deep/name; ls /none
        cat /secret/password; echo; stat -Lc %a /secret/user; grep ' /secret ' /proc/mounts | cut -d' ' -f3
        cat /picked/a/who; echo; stat -Lc %a /picked/a/who; ls /nosecret
        cat /down/labels; echo; cat /down/limit; echo; stat -Lc %a /down/labels /down/uid
        cat /all/two /all/who/am/i /all/limit /all/pod; echo; stat -Lc %a /all/two /all/who/am/i /all/limit /all/pod
        touch /config/x 2>&1; touch /secret/x 2>&1`;
    const mounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
    put(
      agent,
      "files.json",
      pod(
        "files",
        { main: script },
        { volumes },
        {
          main: { volumeMounts: mounts, resources: { limits: { memory: "64Mi" } } },
        },
      ),
    );
    const lines = await finished(agent, "files", "main");
    t.strictSame(lines, [
      "hello",
      "bin",
      "greeting",
      "other",
      "777",
      "644",
      "400",
      "hidden-value",
      "400",
      "tmpfs",
      "me",
      "440",
      'app="files"',
      "64",
      "440",
      "400",
      "2me64files",
      "440",
      "400",
      "600",
      "444",
      "touch: /config/x: Read-only file system",
      "touch: /secret/x: Read-only file system",
    ]);
    const directory = podDirectory(agent, "files");
    t.strictSame(names(join(directory, "volumes")).toSorted(), [
      "kubernetes.io~configmap",
      "kubernetes.io~downward-api",
      "kubernetes.io~projected",
      "kubernetes.io~secret",
    ]);
    const mounted = readMounts().find((mount) => mount.mountPoint.endsWith("kubernetes.io~secret/secret"));
    t.equal(mounted?.fsType, "tmpfs", "secrets are in memory");
    const searched = execFileSync("sh", [
      "-c",
      `grep -rls hidden-value ${join(agent.directory, "state")} ${agent.runDir} ${join(agent.directory, "agent.log")} || true`,
    ]);
    t.equal(searched.toString(), "", "and nowhere else");
    for (const command of [["inspect", "files"], ["inspect", "files/main"], ["events"], ["explain", "files/main"]])
      t.notMatch((await agent.command(...command)).out, /hidden-value/, command.join(" "));
  },
);

field(
  t,
  [
    "spec.volumes[].emptyDir.medium",
    "spec.securityContext.fsGroupChangePolicy",
    "spec.containers[].volumeMounts[].readOnly",
  ],
  "a directory or a tmpfs of its size, the group's, also in a user namespace; the policy changes nothing of it, as in kubelet",
  async (t) => {
    const volumes = [
      { name: "disk", emptyDir: {} },
      { name: "ram", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    ];
    const script = `
        stat -c %a:%g /disk /ram; grep ' /ram ' /proc/mounts | cut -d' ' -f3
        dd if=/dev/zero of=/ram/x bs=1M count=2 2>&1 | grep -o 'No space left on device'
        touch /disk/made; stat -c %g /disk/made; test -e /again/made && echo shared
        grep ' /again ' /proc/mounts | cut -d' ' -f4 | cut -c1-2`;
    const volumeMounts = [
      { name: "disk", mountPath: "/disk" },
      { name: "ram", mountPath: "/ram" },
      { name: "disk", mountPath: "/again", readOnly: true },
    ];
    for (const [name, extra] of [
      ["empty", {}],
      ["mapped", { hostUsers: false }],
    ] as const) {
      put(
        agent,
        `${name}.json`,
        pod(
          name,
          { main: script },
          { volumes, securityContext: { fsGroup: 4242, fsGroupChangePolicy: "OnRootMismatch" }, ...extra },
          {
            main: { volumeMounts, securityContext: { runAsUser: 1000 } },
          },
        ),
      );
      t.strictSame(
        await finished(agent, name, "main"),
        ["2777:4242", "3777:4242", "tmpfs", "No space left on device", "4242", "shared", "ro"],
        name,
      );
    }
  },
);

field(
  t,
  "spec.volumes[].hostPath.{path,type}",
  "directories, files, sockets and devices of the node, checked or made by type",
  async (t) => {
    const at = (name: string): string => join(host, name);
    const volumes = [
      { name: "dir", hostPath: { path: host, type: "Directory" } },
      { name: "file", hostPath: { path: at("file"), type: "File" } },
      { name: "made", hostPath: { path: at("made/here"), type: "DirectoryOrCreate" } },
      { name: "madefile", hostPath: { path: at("madefile"), type: "FileOrCreate" } },
      { name: "absent", hostPath: { path: at("absent") } },
      { name: "null", hostPath: { path: "/dev/null", type: "CharDevice" } },
      { name: "block", hostPath: { path: at("block"), type: "BlockDevice" } },
      { name: "socket", hostPath: { path: join(agent.runDir, "nodelet.sock"), type: "Socket" } },
    ];
    const volumeMounts = [
      { name: "dir", mountPath: "/host" },
      { name: "file", mountPath: "/etc/passwd" },
      { name: "made", mountPath: "/host/nested" },
      { name: "madefile", mountPath: "/new/file" },
      { name: "absent", mountPath: "/absent" },
      { name: "null", mountPath: "/nothing" },
      { name: "block", mountPath: "/block" },
      { name: "socket", mountPath: "/s.sock", readOnly: true },
    ];
    mkdirSync(at("nested"));
    execFileSync("mknod", [at("block"), "b", "7", "250"]);
    const script = `cat /etc/passwd; echo; cat /host/sub/inner; echo; echo written > /host/nested/x; echo y > /new/file
        ls -A /absent; test -c /nothing && test -b /block && test -S /s.sock && echo kinds`;
    put(agent, "host.json", pod("host", { main: script }, { volumes }, { main: { volumeMounts } }));
    t.strictSame(await finished(agent, "host", "main"), ["from the host", "inner", "kinds"]);
    t.equal(readFileSync(at("made/here/x"), "utf8"), "written\n", "the later mount is inside the first");
    t.equal(readFileSync(at("madefile"), "utf8"), "y\n");
    const wrong: readonly [type: string, path: string, complaint: string][] = [
      ["Directory", at("file"), "is not a directory"],
      ["File", at("sub"), "is not a file"],
      ["FileOrCreate", at("sub"), "is not a file"],
      ["DirectoryOrCreate", at("file"), "is not a directory"],
      ["Socket", at("file"), "is not a socket file"],
      ["CharDevice", at("block"), "is not a character device"],
      ["BlockDevice", "/dev/null", "is not a block device"],
      ["Directory", at("nowhere"), "is not a directory: it does not exist"],
    ];
    for (const [index, [type, path]] of wrong.entries())
      put(
        agent,
        `wrong${index}.json`,
        pod(`wrong${index}`, { main: "" }, { volumes: [{ name: "v", hostPath: { path, type } }] }),
      );
    for (const [type, path, complaint] of wrong)
      await until(agent, `the complaint about a ${type}`, async () =>
        (await agent.command("events")).out.includes(
          `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} ${complaint}`,
        ),
      );
  },
);

field(
  t,
  "spec.containers[].volumeMounts[].{subPath,subPathExpr}",
  "a part of the volume alone, made where it is missing; variables of the environment, a missing one is told",
  async (t) => {
    const volumes = [
      { name: "data", emptyDir: {} },
      { name: "config", configMap: { name: "config" } },
      { name: "host", hostPath: { path: host } },
    ];
    const volumeMounts = [
      { name: "data", mountPath: "/whole" },
      { name: "data", mountPath: "/part", subPath: "a/b" },
      { name: "data", mountPath: "/mine", subPathExpr: "$(POD)/$$x" },
      { name: "config", mountPath: "/etc/greeting", subPath: "greeting" },
      { name: "host", mountPath: "/inner", subPath: "sub/inner", readOnly: true },
    ];
    const env = [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }];
    const script = `touch /part/x /mine/y; ls -d /whole/a/b/x '/whole/parts/$x/y'; stat -c %a /whole/a /part
        cat /etc/greeting; echo; cat /inner; echo; (echo z > /inner) 2>&1`;
    put(
      agent,
      "parts.json",
      pod(
        "parts",
        { main: script },
        { volumes, securityContext: { fsGroup: 4242 } },
        {
          main: { volumeMounts, env },
        },
      ),
    );
    t.strictSame(await finished(agent, "parts", "main"), [
      "/whole/a/b/x",
      "/whole/parts/$x/y",
      "2777",
      "2777",
      "hello",
      "inner",
      "sh: can't create /inner: Read-only file system",
    ]);
    t.ok(existsSync(join(podDirectory(agent, "parts"), "volume-subpaths", "data", "main", "1", "x")));
    put(
      agent,
      "missing.json",
      pod(
        "missing",
        { main: "" },
        { volumes: [{ name: "data", emptyDir: {} }] },
        {
          main: { volumeMounts: [{ name: "data", mountPath: "/d", subPathExpr: "$(NONE)" }] },
        },
      ),
    );
    await until(agent, "the complaint", async () => {
      const found = (await pods(agent)).find(({ metadata }) => metadata.name === "missing");
      const waiting = found?.status?.containerStatuses?.[0]?.state?.waiting;
      return waiting?.reason === "CreateContainerConfigError" && waiting.message?.includes('missing value for "NONE"');
    });
  },
);

field(
  t,
  "spec.volumes[].persistentVolumeClaim.{claimName,readOnly}",
  "a PersistentVolume beside the pods, a local directory or a hostPath, bound by volumeName or claimRef; waited for, and kept when the pod ends",
  async (t) => {
    const disk = join(host, "disk");
    const object = (kind: string, name: string, spec: object): object => ({
      apiVersion: "v1",
      kind,
      metadata: { name },
      spec: { accessModes: ["ReadWriteOnce"], ...spec },
    });
    const capacity = { storage: "1Gi" };
    const volume = (name: string, claim: string) => ({ name, persistentVolumeClaim: { claimName: claim } });
    const volumes = [
      volume("named", "named"),
      volume("referred", "referred"),
      { name: "reader", persistentVolumeClaim: { claimName: "named", readOnly: true } },
    ];
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
    const script = `echo kept > /named/file; cat /reader/file /referred/inner; echo; touch /reader/x 2>&1`;
    put(agent, "claims.json", pod("claims", { main: script }, { volumes }, { main: { volumeMounts } }));
    const said = async (words: string): Promise<boolean> => (await agent.command("events")).out.includes(words);
    await until(agent, "the missing claim", () => said('persistentvolumeclaim "named" not found'));
    put(agent, "claim-named.json", object("PersistentVolumeClaim", "named", { volumeName: "disk-volume" }));
    await until(agent, "the missing volume", () => said('"named" is not bound: no volume disk-volume is there'));
    const local = {
      capacity,
      volumeMode: "Filesystem",
      local: { path: disk },
      persistentVolumeReclaimPolicy: "Delete",
    };
    const items = [
      object("PersistentVolume", "disk-volume", local),
      object("PersistentVolume", "other", { hostPath: { path: join(host, "sub") }, claimRef: { name: "referred" } }),
      object("PersistentVolumeClaim", "referred", { resources: { requests: capacity } }),
    ];
    put(agent, "volumes.json", { apiVersion: "v1", kind: "List", items });
    await until(agent, "the missing directory", () => said(`path "${disk}" does not exist`));
    mkdirSync(disk);
    t.strictSame(await finished(agent, "claims", "main"), ["kept", "inner", "touch: /reader/x: Read-only file system"]);
    rmSync(join(agent.manifests, "claims.json"));
    await until(agent, "its end", async () => (await pods(agent)).every(({ metadata }) => metadata.name !== "claims"));
    t.equal(readFileSync(join(disk, "file"), "utf8"), "kept\n");
    put(agent, "volumes-wrong.json", object("PersistentVolume", "wrong", { nfs: { server: "x", path: "/" } }));
    await until(agent, "the refusal", async () =>
      /volumes-wrong\.json:\d+:\d+: spec\.nfs.*Use local or hostPath/.test(agent.log()),
    );
  },
);

field(
  t,
  "spec.volumes[].image.{reference,pullPolicy}",
  "the content of an image, read-only and without execution, or a part of it; Never says when it is not there",
  async (t) => {
    const volumes = [{ name: "image", image: { reference: BUSYBOX_REF, pullPolicy: "IfNotPresent" } }];
    const volumeMounts = [
      { name: "image", mountPath: "/image" },
      { name: "image", mountPath: "/bins", subPath: "bin" },
    ];
    const script = `test -e /image/bin/sh && test -e /bins/sh && echo there; ls /image/etc | grep -c hostname; touch /image/x 2>&1; /image/bin/sh -c true 2>&1 | grep -o 'ermission denied'`;
    put(agent, "image.json", pod("image", { main: script }, { volumes }, { main: { volumeMounts } }));
    t.strictSame(await finished(agent, "image", "main"), [
      "there",
      "0",
      "touch: /image/x: Read-only file system",
      "ermission denied",
    ]);
    const refused = { volumes: [{ name: "image", image: { reference: "localhost/none:1", pullPolicy: "Never" } }] };
    put(agent, "noimage.json", pod("noimage", { main: "" }, refused, { main: { volumeMounts: [volumeMounts[0]] } }));
    await until(agent, "the complaint", async () =>
      (await pods(agent)).some(
        ({ metadata, status }) =>
          metadata.name === "noimage" && status?.containerStatuses?.[0]?.state?.waiting?.reason === "ErrImageNeverPull",
      ),
    );
  },
);

field(
  t,
  "spec.containers[].volumeMounts[].{mountPropagation,recursiveReadOnly}",
  "mounts below the volume: made inside and seen outside, and read-only with it; the status tells which; a private mount of the host is told",
  async (t) => {
    const inside = join(agent.directory, "root", "seen");
    mkdirSync(inside);
    mkdirSync(join(inside, "below"));
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", join(inside, "below")]);
    try {
      const volumes = [{ name: "seen", hostPath: { path: inside } }];
      const mount = (mountPath: string, rest: object): object => ({ name: "seen", mountPath, ...rest });
      const reader = {
        volumeMounts: [
          mount("/plain", { readOnly: true }),
          mount("/all", { readOnly: true, recursiveReadOnly: "Enabled" }),
          mount("/maybe", { readOnly: true, recursiveReadOnly: "IfPossible" }),
          mount("/not", { readOnly: true, recursiveReadOnly: "Disabled" }),
        ],
      };
      const script = `for d in plain all maybe not; do touch /$d/below/x 2>/dev/null && echo "$d writable" || echo "$d not"; done`;
      put(agent, "recursive.json", pod("recursive", { main: script }, { volumes }, { main: reader }));
      t.strictSame(await finished(agent, "recursive", "main"), [
        "plain writable",
        "all not",
        "maybe not",
        "not writable",
      ]);
      const status = (await pods(agent)).find(({ metadata }) => metadata.name === "recursive")?.status;
      t.same(
        status?.containerStatuses?.[0]?.volumeMounts?.map((item) => `${item.mountPath} ${item.recursiveReadOnly}`),
        ["/plain Disabled", "/all Enabled", "/maybe Enabled", "/not Disabled"],
      );

      const both = {
        maker: {
          securityContext: { privileged: true },
          volumeMounts: [mount("/seen", { mountPropagation: "Bidirectional" })],
        },
        seer: { volumeMounts: [mount("/seen", { mountPropagation: "HostToContainer" })] },
        blind: { volumeMounts: [mount("/seen", {})] },
      };
      const wait = (condition: string): string => `until ${condition}; do sleep 0.1; done`;
      const scripts = {
        maker: `${wait("test -e /seen/ready-seer && test -e /seen/ready-blind")}; mkdir /seen/made; mount -t tmpfs tmpfs /seen/made && touch /seen/made/file /seen/done`,
        seer: `touch /seen/ready-seer; ${wait("test -e /seen/done")}; ls /seen/made`,
        blind: `touch /seen/ready-blind; ${wait("test -e /seen/done")}; ls /seen/made`,
      };
      put(agent, "propagation.json", pod("propagation", scripts, { volumes }, both));
      t.strictSame(await finished(agent, "propagation", "maker"), []);
      t.strictSame(await finished(agent, "propagation", "seer"), ["file"]);
      t.strictSame(await finished(agent, "propagation", "blind"), []);
      t.ok(existsSync(join(inside, "made", "file")), "the host sees it too");

      const closed = join(agent.directory, "private");
      mkdirSync(closed);
      execFileSync("mount", ["--bind", "--make-private", closed, closed]);
      const privileged = { securityContext: { privileged: true } };
      for (const mountPropagation of ["Bidirectional", "HostToContainer", "None"]) {
        const name = `private-${mountPropagation.toLowerCase()}`;
        const volumeMounts = [{ name: "closed", mountPath: "/closed", mountPropagation }];
        const spec = { volumes: [{ name: "closed", hostPath: { path: closed } }] };
        put(agent, `${name}.json`, pod(name, { main: "" }, spec, { main: { ...privileged, volumeMounts } }));
        if (mountPropagation === "None") t.strictSame(await finished(agent, name, "main"), []);
        else
          await until(agent, "the complaint", async () => {
            const found = (await pods(agent)).find(({ metadata }) => metadata.name === name);
            const { waiting, terminated } = found?.status?.containerStatuses?.[0]?.state ?? {};
            const message = waiting?.message ?? terminated?.message ?? "";
            return message.includes(`mount --make-rshared ${closed}`);
          });
      }
    } finally {
      execFileSync("sh", [
        "-c",
        `umount -l ${inside}/made ${inside}/below ${agent.directory}/private 2>/dev/null || true`,
      ]);
    }
  },
);
