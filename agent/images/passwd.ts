/**
 * /etc/passwd and /etc/group of an image: text that an untrusted image brings, so a line that is wrong is left out and
 * everything is bounded. Pure. See passwd(5), group(5).
 */
import type { GroupEntry, PasswdEntry } from "./images.ts";

/** A file with more bytes than this is refused by the reader; no real one comes near. */
export const MAX_USER_FILE_BYTES = 1024 * 1024;
/** The largest id that names a user: 2^32 - 1 is "no change" for chown(2). */
export const MAX_ID = 0xffff_fffe;

export function parsePasswd(text: string): PasswdEntry[] {
  const entries: PasswdEntry[] = [];
  for (const line of text.split("\n")) {
    const fields = fieldsOf(line, 6);
    if (fields === undefined) continue;
    const [name = "", , uidText = "", gidText = "", , home = ""] = fields;
    const uid = parseId(uidText);
    const gid = parseId(gidText);
    if (name === "" || uid === undefined || gid === undefined) continue;
    entries.push({ name, uid, gid, home });
  }
  return entries;
}

export function parseGroup(text: string): GroupEntry[] {
  const entries: GroupEntry[] = [];
  for (const line of text.split("\n")) {
    const fields = fieldsOf(line, 3);
    if (fields === undefined) continue;
    const [name = "", , gidText = "", memberText = ""] = fields;
    const gid = parseId(gidText);
    if (name === "" || gid === undefined) continue;
    const members = memberText.split(",").filter((member) => member !== "");
    entries.push({ name, gid, members });
  }
  return entries;
}

/** The fields of a line, or undefined when it is a comment, blank, NIS syntax, binary, or has too few. */
function fieldsOf(line: string, least: number): string[] | undefined {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("+") || trimmed.startsWith("-")) return undefined;
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) return undefined;
  const fields = trimmed.split(":");
  return fields.length < least ? undefined : fields;
}

function parseId(text: string): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= MAX_ID ? id : undefined;
}
