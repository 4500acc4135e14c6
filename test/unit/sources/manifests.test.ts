import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "tap";
import type { Test } from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { describeError } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { ManifestSource } from "../../../agent/sources/manifests.ts";
import type { SourceContent } from "../../../agent/sources/source.ts";

const SETTLE_MS = 40;

function pod(name: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: a, image: b}]}\n`;
}

/** What a source told, by file name. */
class Follower {
  readonly directory = mkdtempSync(join(tmpdir(), "nodelet-manifests-"));
  readonly now = new Map<string, SourceContent>();
  readonly removed: string[] = [];
  changes = 0;
  source: ManifestSource;

  constructor(t: Test, options: { path?: string; rescanMs?: number } = {}) {
    const path = options.path === undefined ? this.directory : join(this.directory, options.path);
    this.source = new ManifestSource({
      path,
      clock: systemClock,
      log: silentLogger,
      settleMs: SETTLE_MS,
      rescanMs: options.rescanMs ?? 60_000,
    });
    t.teardown(async () => {
      await this.source[Symbol.asyncDispose]();
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  async start(known: string[] = []): Promise<void> {
    await this.source.start(
      ({ changed, removed }) => {
        this.changes++;
        for (const origin of removed) {
          this.now.delete(this.#name(origin));
          this.removed.push(this.#name(origin));
        }
        for (const content of changed) this.now.set(this.#name(content.origin), content);
      },
      known.map((name) => this.path(name)),
    );
  }

  #name(origin: string): string {
    return origin === this.directory ? "." : origin.slice(this.directory.length + 1);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  names(): string[] {
    return [...this.now.keys()].toSorted();
  }

  async until(condition: () => boolean): Promise<boolean> {
    for (let turn = 0; turn < 300; turn++) {
      if (condition()) return true;
      await sleep(10);
    }
    return false;
  }
}

test("files are read at the start, followed, and forgotten", async (t) => {
  const follower = new Follower(t);
  follower.write("a.yaml", pod("a"));
  follower.write("b.json", JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "b" } }));
  follower.write("plain", pod("p"));
  for (const ignored of [".hidden.yaml", "a.yaml~", "a.yaml.bak", "#a.yaml#", "notes.txt"])
    follower.write(ignored, pod("x"));
  mkdirSync(follower.path("sub.yaml"));
  await follower.start(["gone.yaml", "a.yaml"]);
  t.equal(follower.changes, 1, "the first look is one change");
  t.strictSame(follower.names(), ["a.yaml", "b.json", "plain"]);
  t.strictSame(follower.removed, ["gone.yaml"]);

  follower.write("c.yml", `${pod("c")}---\n${pod("d")}`);
  t.ok(await follower.until(() => follower.now.get("c.yml")?.documents.length === 2));
  rmSync(follower.path("a.yaml"));
  t.ok(await follower.until(() => !follower.now.has("a.yaml")));
  follower.write("new.tmp", pod("b2"));
  renameSync(follower.path("new.tmp"), follower.path("b.json"));
  t.ok(await follower.until(() => JSON.stringify(follower.now.get("b.json")?.documents[0]?.value).includes("b2")));
});

test("a file that is being written is read when it is left alone", async (t) => {
  const follower = new Follower(t);
  await follower.start();
  const text = pod("slow");
  for (let index = 0; index < text.length; index += 12) {
    appendFileSync(follower.path("slow.yaml"), text.slice(index, index + 12));
    await sleep(SETTLE_MS / 4);
    t.notOk(follower.now.has("slow.yaml") && (follower.now.get("slow.yaml")?.documents.length ?? 0) === 0);
  }
  t.ok(await follower.until(() => follower.now.get("slow.yaml")?.documents.length === 1));
});

test("a touched file and one with the same text tell nothing", async (t) => {
  const follower = new Follower(t);
  follower.write("a.yaml", pod("a"));
  await follower.start();
  utimesSync(follower.path("a.yaml"), 1, 1);
  follower.write("a.yaml", pod("a"));
  await sleep(SETTLE_MS * 5);
  t.equal(follower.changes, 1);
});

test("an empty file, a large one, and one that cannot be read are problems until they are put right", async (t) => {
  const follower = new Follower(t);
  follower.write("empty.yaml", "");
  follower.write("large.yaml", `# ${"x".repeat(1024 * 1024)}`);
  symlinkSync("loop.yaml", follower.path("loop.yaml"));
  await follower.start();
  const problem = (name: string): string => describeError(follower.now.get(name)?.problems[0]);
  t.match(problem("empty.yaml"), /has no document/);
  t.match(problem("large.yaml"), /most is 1048576 .*Divide it/);
  t.match(problem("loop.yaml"), /Cannot read the file/);
  follower.write("empty.yaml", pod("a"));
  follower.write("large.yaml", pod("b"));
  rmSync(follower.path("loop.yaml"));
  t.ok(await follower.until(() => follower.now.get("empty.yaml")?.documents.length === 1));
  t.ok(await follower.until(() => follower.now.get("large.yaml")?.documents.length === 1));
  t.ok(await follower.until(() => !follower.now.has("loop.yaml")));
});

test("what is behind a link is found by looking over", async (t) => {
  const follower = new Follower(t, { rescanMs: 50 });
  const elsewhere = mkdtempSync(join(tmpdir(), "nodelet-manifests-"));
  t.teardown(() => rmSync(elsewhere, { recursive: true }));
  writeFileSync(join(elsewhere, "a"), pod("one"));
  symlinkSync(join(elsewhere, "a"), follower.path("a.yaml"));
  await follower.start();
  writeFileSync(join(elsewhere, "a"), pod("two"));
  t.ok(await follower.until(() => JSON.stringify(follower.now.get("a.yaml")?.documents[0]?.value).includes("two")));
});

test("a directory that is not there yet is said and then followed; one that goes ends its pods", async (t) => {
  const follower = new Follower(t, { path: "later", rescanMs: 50 });
  await follower.start();
  t.match(describeError(follower.now.get("later")?.problems[0]), /the path does not exist \(Create the directory\)/);
  mkdirSync(follower.path("later"));
  follower.write("later/a.yaml", pod("a"));
  t.ok(await follower.until(() => follower.names().join() === "later/a.yaml"));
  rmSync(follower.path("later"), { recursive: true });
  t.ok(await follower.until(() => follower.names().join() === "later"));
});

test("a path of one file", async (t) => {
  const follower = new Follower(t, { path: "pod.yaml" });
  follower.write("pod.yaml", pod("a"));
  follower.write("other.yaml", pod("b"));
  await follower.start();
  t.strictSame(follower.names(), ["pod.yaml"]);
  follower.write("pod.yaml", pod("c"));
  t.ok(await follower.until(() => JSON.stringify(follower.now.get("pod.yaml")?.documents[0]?.value).includes('"c"')));
  chmodSync(follower.path("pod.yaml"), 0o644);
});

test("a file that was removed and is there again with the same content is told as gone and as new", async (t) => {
  const follower = new Follower(t);
  follower.write("a.yaml", pod("a"));
  await follower.start();
  t.strictSame([follower.changes, follower.removed], [1, []]);
  rmSync(follower.path("a.yaml"));
  follower.write("a.yaml", pod("a"));
  t.ok(await follower.until(() => follower.changes > 1));
  t.strictSame(follower.removed, ["a.yaml"]);
  t.strictSame(follower.names(), ["a.yaml"]);
});
