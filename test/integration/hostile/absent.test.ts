// What others were attacked through and nodelet does not have: shown to be without effect, as there is no defence to take out.

import { describeError } from "../../../agent/base/errors.ts";
import t from "tap";
import { openHost } from "./host.ts";

t.test("CVE-2022-23648: volumes that an image declares are not made", async (t) => {
  const host = await openHost("none");
  t.teardown(() => host.close());
  const up = "../".repeat(20);
  const Volumes = { [host.outside]: {}, [`${up}${host.outside}`]: {}, [`/link/made`]: {}, "/home": {} };
  const image = await host.image([{ name: "link", type: "symlink", linkname: host.outside }, { name: "home/own" }], {
    Volumes,
  });
  const { output, refused } = await host.run(["/bin/sh", "-c", "ls /home; grep -c home /proc/self/mountinfo"], {
    image,
  });
  t.equal(refused, "");
  t.equal(output, "own\n0", "the image's directory is what it is");
  t.equal(host.touched(), "untouched");
});

t.test("CVE-2024-8676, CVE-2026-50195: nothing is restored from a checkpoint", async (t) => {
  const host = await openHost("none");
  t.teardown(() => host.close());
  const { containerId } = await host.start(["/bin/sleep", "60"]);
  const said = await host.runtime
    .checkpointContainer({ containerId, location: `${host.outside}/made` })
    .catch(describeError);
  t.match(said, /CheckpointContainer/);
  t.equal(host.touched(), "untouched");
  // An image that says it is one is an image.
  const image = await host.image([{ name: "config.dump", content: '{"mounts":[{"source":"/etc"}]}' }], {
    Labels: { "io.kubernetes.cri-o.annotations.checkpoint.name": "x" },
  });
  const { output } = await host.run(
    ["/bin/sh", "-c", "test -e /config.dump && grep -c ' /etc ' /proc/self/mountinfo"],
    {
      image,
    },
  );
  t.equal(output, "0");
});
