#!/bin/bash
# Runs in the test machine: carries out what the host sends over the serial port, one command at a time.
#
#   host  -> ID LIMIT_SECONDS SCRIPT         the script in base64
#   guest -> ID EXIT_CODE STDOUT STDERR      both in base64, "-" where empty; exit code 124 when the limit was reached
#
# It says "ready" when it begins.
set -u
exec 3<>/dev/virtio-ports/commands
work=/run/test-commands
mkdir -p "$work"
cd /root || exit 1

encoded() {
  if [ -s "$1" ]; then base64 -w0 "$1"; else printf -- -; fi
}

echo ready >&3
while read -r id limit script <&3; do
  base64 -d <<<"$script" >"$work/script"
  timeout --kill-after=5 "$limit" bash "$work/script" >"$work/out" 2>"$work/err" </dev/null 3<&-
  echo "$id $? $(encoded "$work/out") $(encoded "$work/err")" >&3
done
