import t from "tap";

import type { OciMount, OciSpec } from "../../../../agent/runtime/oci/types.ts";
import { errorOf, specInput, specOf, specWith, specWithMounts } from "../spec-input.ts";

const at = (spec: OciSpec, destination: string): OciMount | undefined =>
  spec.mounts?.find((mount) => mount.destination === destination);
const destinations = (spec: OciSpec): string[] => (spec.mounts ?? []).map((mount) => mount.destination);

t.test("what every container has", async (t) => {
  const spec = specOf({});
  t.same(destinations(spec), [
    "/proc",
    "/dev",
    "/dev/pts",
    "/dev/mqueue",
    "/sys",
    "/sys/fs/cgroup",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/dev/shm",
  ]);
  t.same(at(spec, "/sys")?.options, ["nosuid", "noexec", "nodev", "ro"]);
  t.same(at(spec, "/sys/fs/cgroup")?.type, "cgroup");
  t.ok(at(spec, "/sys/fs/cgroup")?.options?.includes("ro"));
  t.ok(at(spec, "/dev/pts")?.options?.includes("gid=5"));
  t.equal(at(spec, "/dev/shm")?.source, "/run/nodelet/sandboxes/s/shm");
});

t.test("a config's mount replaces one that every container has", async (t) => {
  const spec = specWithMounts([
    { containerPath: "/etc/hostname", hostPath: "/h", readonly: true },
    { containerPath: "/dev/shm/", hostPath: "/s" },
    { containerPath: "/sys", hostPath: "/sys" },
  ]);
  for (const destination of ["/etc/hostname", "/dev/shm", "/sys"]) {
    t.equal(destinations(spec).filter((each) => each === destination).length, 1, destination);
  }
  t.equal(at(spec, "/etc/hostname")?.source, "/h");
  t.equal(at(spec, "/dev/shm")?.source, "/s");
  t.equal(at(spec, "/sys")?.type, "bind");
});

t.test("a mount at /dev takes the default ones below it away", async (t) => {
  const spec = specWithMounts([{ containerPath: "/dev", hostPath: "/dev" }]);
  t.same(destinations(spec), [
    "/proc",
    "/sys",
    "/sys/fs/cgroup",
    "/dev",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/dev/shm",
  ]);
});

t.test("parents come before children, equals in the order of the request", async (t) => {
  const paths = ["/a/b/c", "/z", "/a", "/a/b", "/y"];
  const spec = specWithMounts(paths.map((containerPath) => ({ containerPath, hostPath: "/x" })));
  t.same(
    destinations(spec).filter((path) => paths.includes(path)),
    ["/z", "/a", "/y", "/a/b", "/a/b/c"],
  );
});

t.test("propagation", async (t) => {
  const options = (propagation: 0 | 1 | 2) => {
    const spec = specWithMounts([{ containerPath: "/x", hostPath: "/x", propagation }]);
    return { options: at(spec, "/x")?.options, root: spec.linux?.rootfsPropagation };
  };
  t.same(options(0), { options: ["rbind", "rprivate", "rw"], root: undefined });
  t.same(options(1), { options: ["rbind", "rslave", "rw"], root: "slave" });
  t.same(options(2), { options: ["rbind", "rshared", "rw"], root: "shared" });
  t.match(
    errorOf(() => options(3 as 2)),
    { code: "invalid", where: "mounts[0].propagation" },
  );
});

t.test("read-only, to the top or all the way", async (t) => {
  const mount = { containerPath: "/x", hostPath: "/x" };
  t.same(at(specWithMounts([{ ...mount, readonly: true }]), "/x")?.options, ["rbind", "rprivate", "ro"]);
  t.same(at(specWithMounts([{ ...mount, readonly: true, recursiveReadOnly: true }]), "/x")?.options, [
    "rbind",
    "rprivate",
    "rro",
  ]);
  t.match(
    errorOf(() => specWithMounts([{ ...mount, recursiveReadOnly: true }])),
    { code: "invalid", where: "mounts[0].recursive_read_only" },
  );
  t.match(
    errorOf(() => specWithMounts([{ ...mount, readonly: true, recursiveReadOnly: true, propagation: 1 }])),
    { code: "invalid" },
  );
  t.same(at(specWith({ readonlyRootfs: true }), "/etc/hostname")?.options, ["rbind", "rprivate", "ro"]);
});

t.test("mount options", async (t) => {
  const mount = { containerPath: "/x", hostPath: "/x" };
  t.same(at(specWithMounts([{ ...mount, mountOptions: ["noexec", "nosuid"] }]), "/x")?.options, [
    "rbind",
    "rprivate",
    "noexec",
    "nosuid",
    "rw",
  ]);
  for (const option of ["rshared", "lowerdir=/", "remount", "bind", ""]) {
    t.match(
      errorOf(() => specWithMounts([{ ...mount, mountOptions: [option] }])),
      { code: "invalid", where: "mounts[0].mount_options" },
      option,
    );
  }
});

t.test("id mappings of a volume", async (t) => {
  const mapping = [{ hostId: 65536, containerId: 0, length: 65536 }];
  const spec = specWithMounts([{ containerPath: "/x", hostPath: "/x", uidMappings: mapping, gidMappings: mapping }]);
  t.same(at(spec, "/x")?.uidMappings, [{ containerID: 0, hostID: 65536, size: 65536 }]);
  t.match(
    errorOf(() => specWithMounts([{ containerPath: "/x", hostPath: "/x", uidMappings: mapping }])),
    { code: "invalid" },
  );
});

t.test("images as volumes", async (t) => {
  const mount = { containerPath: "/x", image: { image: "sha256:1" } };
  const volume = (lower: string[]) => ({ imageVolumes: { "/x": { directory: "/state/mounts/v", lower } } });
  t.match(at(specWithMounts([mount], volume(["../../layers/a"])), "/x"), {
    type: "bind",
    source: "/state/layers/a",
    options: ["rbind", "rprivate", "ro", "nosuid", "nodev", "noexec"],
  });
  t.match(at(specWithMounts([{ ...mount, imageSubPath: "etc" }], volume(["../../layers/a", "../../layers/b"])), "/x"), {
    type: "overlay",
    options: ["ro", "nosuid", "nodev", "noexec", "lowerdir=/state/layers/a:/state/layers/b"],
    subPath: "etc",
  });
  t.match(
    errorOf(() => specWithMounts([mount])),
    { code: "internal", where: "mounts[0].image" },
  );
  for (const imageSubPath of ["/etc", "../x", "a/../../b", "a\0"]) {
    t.match(
      errorOf(() => specWithMounts([{ ...mount, imageSubPath }], volume(["a"]))),
      { code: "invalid", where: "mounts[0].image_sub_path" },
      imageSubPath,
    );
  }
});

t.test("privileged", async (t) => {
  const spec = specWith({ privileged: true, maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"] });
  t.ok(at(spec, "/sys")?.options?.includes("rw"));
  t.match(at(spec, "/sys/fs/cgroup"), { type: "bind", source: "/sys/fs/cgroup" });
  t.same(spec.linux?.maskedPaths, []);
  t.same(spec.linux?.readonlyPaths, []);
});

t.test("in a user namespace", async (t) => {
  const changes = {
    namespaces: { ...specInput().namespaces, user: "/run/nodelet/sandboxes/s/user" },
    idMappings: {
      uids: [{ containerId: 0, hostId: 65536, size: 65536 }],
      gids: [{ containerId: 0, hostId: 65536, size: 4 }],
    },
  };
  t.notOk(at(specOf({}, changes), "/dev/pts")?.options?.includes("gid=5"), "group 5 is not mapped");
  const host = specOf({}, { ...changes, namespaces: { user: "/u", pid: "/p" } });
  t.match(at(host, "/sys"), { type: "bind", source: "/sys" });
  t.match(at(host, "/dev/mqueue"), { type: "bind", source: "/dev/mqueue" });
});

t.test("without cgroup v2 there is no cgroup mount", async (t) => {
  const spec = specOf({}, { cgroup: { version2: false, path: "/x", controllers: [] } });
  t.equal(at(spec, "/sys/fs/cgroup"), undefined);
  t.notOk(spec.linux?.namespaces?.some(({ type }) => type === "cgroup"));
});
