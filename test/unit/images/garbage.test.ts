// Which images go to make room, and in which order.

import { test } from "tap";
import { type ImageAge, removable } from "../../../agent/images/garbage.ts";

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const image = (id: string, minutes: { added: number; lastUsed?: number }, more: Partial<ImageAge> = {}): ImageAge => ({
  id,
  pinned: false,
  inUse: false,
  added: NOW - minutes.added * MINUTE,
  lastUsed: NOW - (minutes.lastUsed ?? minutes.added) * MINUTE,
  ...more,
});

test("the one used longest ago goes first, the older of two never used", (t) => {
  const images = [
    image("used", { added: 500, lastUsed: 5 }),
    image("new", { added: 20 }),
    image("old", { added: 400 }),
    image("older", { added: 500, lastUsed: 400 }),
  ];
  t.strictSame(removable(images, {}, NOW), ["older", "old", "new", "used"]);
  t.end();
});

test("never what a container has, what is pinned, or what has just come", (t) => {
  const images = [
    image("in use", { added: 500 }, { inUse: true }),
    image("pinned", { added: 500 }, { pinned: true }),
    image("just come", { added: 1 }),
    image("at the limit", { added: 2 }),
    // Kubelet counts the age from when it first saw the image, not from its last use.
    image("long here, used a moment ago", { added: 500, lastUsed: 0 }),
  ];
  t.strictSame(removable(images, { minAgeMs: 2 * MINUTE }, NOW), ["at the limit", "long here, used a moment ago"]);
  t.strictSame(removable(images, { minAgeMs: 2 * MINUTE, unusedMs: 2 * MINUTE }, NOW), ["at the limit"]);
  t.strictSame(removable(images, { unusedMs: 1_000 * MINUTE }, NOW), []);
  t.end();
});
