// The part of the script that is the same for every container.

/** Names in it: `root` is the container's root on the host, `at` the place that was resolved last. */
export const SHELL_FUNCTIONS = `\
# resolve PATH: where it is on the host. Links of the image are followed inside the image.
resolve() {
  local left=$1 done= part link links=0
  while [ -n "$left" ]; do
    part=\${left%%/*}
    case $left in */*) left=\${left#*/} ;; *) left= ;; esac
    case $part in '' | .) continue ;; ..) done=\${done%/*}; continue ;; esac
    if [ -L "$root$done/$part" ]; then
      links=$((links + 1))
      [ $links -le 40 ] || { echo "too many links: $1" >&2; return 1; }
      link=$(readlink "$root$done/$part")
      case $link in /*) done= ;; esac
      left=$link/$left
    else
      done=$done/$part
    fi
  done
  printf '%s' "$root$done"
}

# directory PATH, place PATH LIKE: make what is missing
directory() { at=$(resolve "$1"); mkdir -p "$at"; }
place() {
  if [ -d "$2" ]; then directory "$1"; return; fi
  directory "$(dirname "$1")"
  at=$(resolve "$1")
  [ -e "$at" ] || : > "$at"
}

# readonly_below PLACE: the mount there and all below it
readonly_below() {
  findmnt -Rrno TARGET "$1" | while read -r below; do mount -o remount,bind,ro "$(printf %b "$below")"; done
}

# mask PATH, protect PATH: hide it, make it read-only; nothing when it is missing
mask() {
  at=$(resolve "$1")
  if [ -d "$at" ]; then
    mount -t tmpfs -o nosuid,nodev,noexec,nr_blocks=1,nr_inodes=1 none "$at"
    mount -o remount,bind,nosuid,nodev,noexec,ro "$at"
  elif [ -e "$at" ]; then
    mount --bind "$(resolve /dev/null)" "$at"
  fi
}
protect() { at=$(resolve "$1"); [ -e "$at" ] || return 0; mount --rbind "$at" "$at"; readonly_below "$at"; }`;
