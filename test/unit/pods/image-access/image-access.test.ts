// Records of pulls on the disk: through restarts, crashes and removals.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t, { type Test } from "tap";

import { ManualClock } from "../../../../agent/base/clock.ts";
import { silentLogger } from "../../../../agent/base/log.ts";
import { ImageAccess } from "../../../../agent/pods/image-access/image-access.ts";
import type { PullSecret } from "../../../../agent/pods/image-access/record.ts";
import { fileName } from "../../../../agent/pods/image-access/record-files.ts";
import { eventually } from "../../../fixtures/eventually.ts";

const APP = "registry.example/app:1";
const PRESENT = { id: "sha256:0123", names: [APP] };
const OWN: PullSecret = { uid: "u", namespace: "default", name: "s", credentialHash: "hash" };
const none = async (): Promise<PullSecret[]> => [];
const own = async (): Promise<PullSecret[]> => [OWN];
const neverAsked = (): Promise<never> => Promise.reject(new Error("Secrets are asked for"));

class Records {
  readonly rootDir = mkdtempSync(join(tmpdir(), "nodelet-image-access-"));
  access: ImageAccess | undefined;

  constructor(t: Test) {
    t.teardown(async () => {
      await this.access?.[Symbol.asyncDispose]();
      rmSync(this.rootDir, { recursive: true, force: true });
    });
  }

  async open(): Promise<ImageAccess> {
    await this.access?.[Symbol.asyncDispose]();
    this.access = await ImageAccess.open({
      rootDir: this.rootDir,
      rules: { policy: "NeverVerifyPreloadedImages", allowlist: [] },
      clock: new ManualClock(),
      log: silentLogger,
    });
    return this.access;
  }

  path(kind: "pulling" | "pulled", subject: string): string {
    return join(this.rootDir, "image_manager", kind, fileName(subject));
  }

  files(kind: "pulling" | "pulled"): string[] {
    return readdirSync(join(this.rootDir, "image_manager", kind));
  }
}

t.test("a pull with a Secret is known after a restart", async (t) => {
  const records = new Records(t);
  const access = await records.open();
  t.ok(await access.allows(APP, PRESENT, neverAsked), "nobody pulled it");
  const pull = await access.begin(APP, undefined);
  t.match(readFileSync(records.path("pulling", APP), "utf8"), APP);
  t.notOk(await access.allows("registry.example/app:1", PRESENT, neverAsked), "it came, and is not written down yet");
  pull.done(PRESENT.id, OWN);
  t.notOk(await access.allows(APP, PRESENT, none));
  const again = await records.open();
  t.same(records.files("pulling"), []);
  t.same(records.files("pulled"), [fileName(PRESENT.id)]);
  await again.tidy([PRESENT], []);
  t.notOk(await again.allows(APP, PRESENT, none));
  t.ok(await again.allows(APP, PRESENT, own));
  t.ok(await again.allows(APP, PRESENT, async () => [{ ...OWN, uid: "v", namespace: "other" }]));
  await again[Symbol.asyncDispose]();
  t.match(readFileSync(records.path("pulled", PRESENT.id), "utf8"), '"namespace":"other"', "it is noted");
});

t.test("a pull without credentials is for all, and asks for no Secret", async (t) => {
  const access = await new Records(t).open();
  (await access.begin(APP, undefined)).done(PRESENT.id, undefined);
  t.ok(await access.allows(APP, PRESENT, neverAsked));
});

t.test("a pull of what is here already does not take it away from others", async (t) => {
  const access = await new Records(t).open();
  const pull = await access.begin(APP, PRESENT.id);
  t.ok(await access.allows(APP, PRESENT, neverAsked));
  t.notOk(await access.allows(APP, { ...PRESENT, id: "sha256:4567" }, neverAsked), "another one came");
  pull.failed();
  t.ok(await access.allows(APP, PRESENT, neverAsked));
});

t.test("two pulls of one image", async (t) => {
  const records = new Records(t);
  const access = await records.open();
  const [one, other] = [await access.begin(APP, undefined), await access.begin(APP, undefined)];
  one.failed();
  t.notOk(await access.allows(APP, PRESENT, neverAsked), "the other one goes on");
  other.failed();
  t.ok(await access.allows(APP, PRESENT, neverAsked));
  await access[Symbol.asyncDispose]();
  t.same(records.files("pulling"), []);
});

t.test("a pull that goes on without who asked for it", async (t) => {
  const records = new Records(t);
  const access = await records.open();
  (await access.begin(APP, undefined)).left();
  await access.tidy([], [APP]);
  t.ok(existsSync(records.path("pulling", APP)), "it is under way");
  t.notOk(await access.allows(APP, PRESENT, none));
  await access.tidy([PRESENT], []);
  t.same(records.files("pulled"), [fileName(PRESENT.id)]);
  t.notOk(await access.allows(APP, PRESENT, own), "nobody knows who may");
  (await access.begin(APP, PRESENT.id)).done(PRESENT.id, OWN);
  t.ok(await access.allows(APP, PRESENT, own));
});

t.test("after a crash", async (t) => {
  const records = new Records(t);
  const first = await records.open();
  for (const image of [APP, "registry.example/never-came:1"]) await first.begin(image, undefined);
  const draft = `${records.path("pulling", "half")}.tmp`;
  const foreign = join(records.rootDir, "image_manager", "pulling", "of-others");
  for (const file of [draft, foreign, records.path("pulling", "broken")]) writeFileSync(file, "{");
  const access = await records.open();
  t.notOk(await access.allows(APP, PRESENT, own));
  await access.tidy([PRESENT], []);
  await access[Symbol.asyncDispose]();
  t.same(records.files("pulling"), ["of-others"]);
  const again = await records.open();
  t.notOk(await again.allows(APP, PRESENT, own), "pulled, and nobody knows with what");
});

t.test("a record that cannot be read lets nobody use its image until it is pulled anew", async (t) => {
  const records = new Records(t);
  mkdirSync(join(records.rootDir, "image_manager", "pulled"), { recursive: true });
  for (const id of [PRESENT.id, "sha256:gone"]) writeFileSync(records.path("pulled", id), "");
  const access = await records.open();
  await access.tidy([PRESENT], []);
  t.same(records.files("pulled"), [fileName(PRESENT.id)]);
  t.notOk(await access.allows(APP, PRESENT, own));
  (await access.begin(APP, PRESENT.id)).done(PRESENT.id, undefined);
  t.ok(await access.allows(APP, PRESENT, none));
});

t.test("the record goes with its image", async (t) => {
  const records = new Records(t);
  const access = await records.open();
  (await access.begin(APP, undefined)).done(PRESENT.id, OWN);
  await access.tidy([PRESENT], []);
  await eventually("the record", () => records.files("pulled").length === 1);
  await access.tidy([], []);
  t.same(records.files("pulled"), []);
  t.ok(await access.allows(APP, PRESENT, neverAsked), "loaded later");
});

t.test("a pull that ends while records are tidied is kept", async (t) => {
  const records = new Records(t);
  const access = await records.open();
  (await access.begin(APP, undefined)).left();
  const other = await access.begin("registry.example/other:1", undefined);
  const tidying = access.tidy([PRESENT], []);
  other.done("sha256:4567", OWN);
  await tidying;
  await access[Symbol.asyncDispose]();
  t.strictSame(records.files("pulled").toSorted(), [PRESENT.id, "sha256:4567"].map(fileName).toSorted());
  t.same(records.files("pulling"), []);
});
