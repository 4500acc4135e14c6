import t from "tap";

import { resolveUser, type UserRequest } from "../../../../agent/runtime/oci/user.ts";
import { errorOf, USERS } from "../spec-input.ts";

const resolve = (request: Partial<UserRequest>) =>
  resolveUser({ imageUser: "", supplementalGroups: [], policy: "merge", ...request }, USERS);

t.test("the image's USER in all its forms", async (t) => {
  const table: [imageUser: string, uid: number, gid: number, groups: number[], home: string][] = [
    ["", 0, 0, [0, 50], "/root"],
    ["0", 0, 0, [0, 50], "/root"],
    ["root", 0, 0, [0, 50], "/root"],
    ["web", 1000, 2000, [2000, 50, 63], "/srv/web"],
    ["1000", 1000, 2000, [2000, 50, 63], "/srv/web"],
    ["1000:7", 1000, 7, [7, 50, 63], "/srv/web"],
    ["web:staff", 1000, 50, [50, 63], "/srv/web"],
    ["web:0", 1000, 0, [0, 50, 63], "/srv/web"],
    ["4711", 4711, 0, [0], "/"],
    ["4711:audio", 4711, 63, [63], "/"],
    ["007", 7, 0, [0], "/"],
    ["12x", 1001, 2001, [2001], "/"],
    ["2147483647:2147483647", 2147483647, 2147483647, [2147483647], "/"],
  ];
  for (const [imageUser, uid, gid, additionalGids, home] of table) {
    t.match(resolve({ imageUser }), { uid, gid, additionalGids, home }, JSON.stringify(imageUser));
  }
});

t.test("the request wins over the image", async (t) => {
  t.match(resolve({ runAsUser: 4711, imageUser: "web" }), { uid: 4711, gid: 0, name: undefined });
  t.match(resolve({ runAsUser: 1000, imageUser: "root:audio" }), { uid: 1000, gid: 2000, name: "web" });
  t.match(resolve({ runAsUsername: "web" }), { uid: 1000, gid: 2000 });
  t.match(resolve({ runAsUser: 1000, runAsGroup: 3 }), { uid: 1000, gid: 3, additionalGids: [3, 50, 63] });
  t.match(resolve({ runAsUser: 0, runAsUsername: "web" }), { uid: 0 });
});

t.test("supplemental groups", async (t) => {
  t.same(resolve({ runAsUser: 1000, supplementalGroups: [9, 50, 9] }).additionalGids, [2000, 50, 63, 9]);
  t.same(resolve({ runAsUser: 1000, supplementalGroups: [9], policy: "strict" }).additionalGids, [2000, 9]);
});

t.test("what is no user is refused, and never taken for another one", async (t) => {
  const hostile = [
    "2147483648",
    "4294967295",
    "4294967296",
    "99999999999",
    "-1",
    "+1",
    "0x0",
    "0o7",
    "1e3",
    "1.0",
    "1_000",
    "1:",
    ":1",
    ":",
    "1:2:3",
    "web:",
    "no-such",
    "web:no-such",
    "we b",
    "web\nroot",
    "web\0",
    "../web",
    "1:-1",
    "1:0x0",
  ];
  for (const imageUser of hostile) {
    t.match(
      errorOf(() => resolve({ imageUser })),
      { code: "invalid", where: "image.config.User" },
      JSON.stringify(imageUser),
    );
  }
  t.match(
    errorOf(() => resolve({ runAsUser: 2 ** 31 })),
    { code: "invalid", where: /run_as_user$/ },
  );
  t.match(
    errorOf(() => resolve({ runAsUser: -1 })),
    { code: "invalid", where: /run_as_user$/ },
  );
  t.match(
    errorOf(() => resolve({ runAsUser: 1.5 })),
    { code: "invalid", where: /run_as_user$/ },
  );
  t.match(
    errorOf(() => resolve({ runAsGroup: 1 })),
    { code: "invalid", where: /run_as_group$/ },
  );
  t.match(
    errorOf(() => resolve({ runAsUser: 1, runAsGroup: 2 ** 32 })),
    { code: "invalid", where: /run_as_group$/ },
  );
  t.match(
    errorOf(() => resolve({ runAsUsername: "0x0" })),
    { code: "invalid", where: /run_as_username$/ },
  );
  t.match(
    errorOf(() => resolve({ runAsUser: 1, supplementalGroups: [2 ** 31] })),
    { code: "invalid", where: /supplemental_groups$/ },
  );
});

t.test("hostile passwd and group files", async (t) => {
  const users = {
    passwd: [
      { name: "big", uid: 2 ** 31, gid: 0, home: "/" },
      { name: "biggid", uid: 5, gid: 2 ** 31, home: "/" },
      { name: "line", uid: 6, gid: 6, home: "/x\nPATH=/evil" },
      { name: "fine", uid: 7, gid: 7, home: "" },
    ],
    group: Array.from({ length: 70_000 }, (_, gid) => ({ name: `g${gid}`, gid, members: ["many"] })),
  };
  const as = (imageUser: string) => resolveUser({ imageUser, supplementalGroups: [], policy: "merge" }, users);
  t.match(
    errorOf(() => as("big")),
    { code: "invalid", where: "image:/etc/passwd" },
  );
  t.match(
    errorOf(() => as("biggid")),
    { code: "invalid", where: "image:/etc/passwd" },
  );
  t.match(
    errorOf(() => as("line")),
    { code: "invalid", where: "image:/etc/passwd" },
  );
  t.match(as("fine"), { uid: 7, gid: 7, home: "/" });
  const many = { passwd: [{ name: "many", uid: 8, gid: 8, home: "/" }], group: users.group };
  t.match(
    errorOf(() => resolveUser({ imageUser: "many", supplementalGroups: [], policy: "merge" }, many)),
    { code: "invalid", message: /groups/ },
  );
  t.same(resolveUser({ imageUser: "many", supplementalGroups: [], policy: "strict" }, many).additionalGids, [8]);
});
