// Who a container's process is: CRI's run_as_* and the image's USER against the image's passwd and group files.
// A number is a number and a name is a name; what is neither is refused, never guessed at.

import { NodeletError } from "../../base/errors.ts";
import type { ImageUsers, PasswdEntry } from "../../images/images.ts";

export interface UserRequest {
  readonly runAsUser?: number | undefined;
  readonly runAsUsername?: string | undefined;
  readonly runAsGroup?: number | undefined;
  /** USER of the image: uid, user, uid:gid, user:group or mixed; empty for none. */
  readonly imageUser: string;
  readonly supplementalGroups: readonly number[];
  /** merge: the groups that the image's group file gives the user come with it; strict: only those asked for. */
  readonly policy: "merge" | "strict";
}

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** The primary group first, without repetition. */
  readonly additionalGids: readonly number[];
  readonly home: string;
  /** In the image's passwd file. */
  readonly name: string | undefined;
}

/** Linux ids are 32 bits, but Kubernetes and most programs keep to the positive half; beyond it lies overflow. */
export const MAX_ID = 2 ** 31 - 1;

/** NGROUPS_MAX of Linux. */
const MAX_GROUPS = 65536;

const SECURITY_CONTEXT = "linux.security_context";
const IMAGE_USER = "image.config.User";

/** Throws `invalid`, naming the field. */
export function resolveUser(request: UserRequest, users: ImageUsers): ResolvedUser {
  const { user, group, where } = wanted(request);
  const entry = typeof user === "number" ? users.passwd.find(({ uid }) => uid === user) : findName(users, user, where);
  const uid = typeof user === "number" ? user : checkedId(entry?.uid, `uid of ${user}`, "image:/etc/passwd");
  const gid =
    group === undefined
      ? checkedId(entry?.gid ?? 0, `gid of ${entry?.name}`, "image:/etc/passwd")
      : resolveGroup(group, users, where);

  const gids = new Set<number>([gid]);
  if (request.policy === "merge" && entry !== undefined) {
    for (const each of users.group) {
      if (each.members.includes(entry.name)) gids.add(checkedId(each.gid, `gid of ${each.name}`, "image:/etc/group"));
    }
  }
  for (const each of request.supplementalGroups)
    gids.add(checkedId(each, "group", `${SECURITY_CONTEXT}.supplemental_groups`));
  if (gids.size > MAX_GROUPS) {
    throw new NodeletError("invalid", `the user is in ${gids.size} groups, Linux allows ${MAX_GROUPS}`, {
      where: `${SECURITY_CONTEXT}.supplemental_groups`,
    });
  }
  return { uid, gid, additionalGids: [...gids], home: homeOf(entry), name: entry?.name };
}

interface Wanted {
  readonly user: number | string;
  readonly group: number | string | undefined;
  readonly where: string;
}

/** run_as_user wins over run_as_username, as in containerd; the image's USER counts when neither is there. */
function wanted(request: UserRequest): Wanted {
  const { runAsUser, runAsUsername, runAsGroup, imageUser } = request;
  const group =
    runAsGroup === undefined ? undefined : checkedId(runAsGroup, "group", `${SECURITY_CONTEXT}.run_as_group`);
  if (runAsUser !== undefined) {
    const where = `${SECURITY_CONTEXT}.run_as_user`;
    return { user: checkedId(runAsUser, "user", where), group, where };
  }
  if (runAsUsername !== undefined && runAsUsername !== "") {
    const where = `${SECURITY_CONTEXT}.run_as_username`;
    return { user: parseIdOrName(runAsUsername, "user", where), group, where };
  }
  if (group !== undefined) {
    throw new NodeletError("invalid", "a group is asked for without a user", {
      where: `${SECURITY_CONTEXT}.run_as_group`,
      fix: "set run_as_user as well",
    });
  }
  if (imageUser === "") return { user: 0, group: undefined, where: IMAGE_USER };
  const parts = imageUser.split(":");
  if (parts.length > 2) throw invalidUser(imageUser, "has more than one colon", IMAGE_USER);
  const [user = "", ofGroup] = parts;
  return {
    user: parseIdOrName(user, "user", IMAGE_USER),
    group: ofGroup === undefined ? undefined : parseIdOrName(ofGroup, "group", IMAGE_USER),
    where: IMAGE_USER,
  };
}

/** Looks like a number in some notation, so must be a plain one: `-1`, `0x0`, `1e3` and `+5` are nobody's name. */
const NUMERIC = /^[+-]?(?:0[xob][0-9a-f_]*|[0-9][0-9_]*(?:[.,][0-9]*)?(?:e[+-]?[0-9]+)?)$/i;
const PLAIN_NUMBER = /^[0-9]{1,10}$/;
/** Of what user_group names can be made in passwd(5): no colon, blank, slash or control character. */
const NAME = /^[^\p{Cc}\p{Z}:/]{1,256}$/u;

function parseIdOrName(text: string, what: "user" | "group", where: string): number | string {
  if (text === "") throw invalidUser(text, `is an empty ${what}`, where);
  if (PLAIN_NUMBER.test(text)) return checkedId(Number(text), what, where);
  if (NUMERIC.test(text)) throw invalidUser(text, "looks like a number but is not a plain decimal one", where);
  if (!NAME.test(text)) throw invalidUser(text, `is not a name that a ${what} can have`, where);
  return text;
}

function findName(users: ImageUsers, name: string, where: string): PasswdEntry {
  const entry = users.passwd.find((each) => each.name === name);
  if (entry === undefined) {
    throw new NodeletError("invalid", `the image has no user ${JSON.stringify(name)} in /etc/passwd`, {
      where,
      fix: "use a numeric uid, or an image that has this user",
    });
  }
  return entry;
}

function resolveGroup(group: number | string, users: ImageUsers, where: string): number {
  if (typeof group === "number") return group;
  const entry = users.group.find((each) => each.name === group);
  if (entry === undefined) {
    throw new NodeletError("invalid", `the image has no group ${JSON.stringify(group)} in /etc/group`, {
      where,
      fix: "use a numeric gid, or an image that has this group",
    });
  }
  return checkedId(entry.gid, `gid of ${entry.name}`, "image:/etc/group");
}

function checkedId(id: number | undefined, what: string, where: string): number {
  if (id !== undefined && Number.isInteger(id) && id >= 0 && id <= MAX_ID) return id;
  throw new NodeletError("invalid", `${what} ${String(id)} is not between 0 and ${MAX_ID}`, { where });
}

function invalidUser(text: string, why: string, where: string): NodeletError {
  return new NodeletError("invalid", `${JSON.stringify(text.slice(0, 100))} ${why}`, {
    where,
    fix: "use uid, user, uid:gid or user:group",
  });
}

/** The home directory goes into the environment, so it must not bring a line of its own. */
function homeOf(entry: PasswdEntry | undefined): string {
  if (entry === undefined || entry.home === "") return "/";
  if (/\p{Cc}/u.test(entry.home)) {
    throw new NodeletError("invalid", `the home directory of ${JSON.stringify(entry.name)} holds a control character`, {
      where: "image:/etc/passwd",
    });
  }
  return entry.home;
}
