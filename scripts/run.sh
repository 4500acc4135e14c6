#!/bin/bash
# `make run` and `make stop`: an agent of its own with the pod of examples/web.yaml.
#
#   scripts/run.sh          setup, build, image, agent, pod; then a live view until Ctrl-C, which ends them all
#   DETACH=1 scripts/run.sh returns when the pod runs
#   scripts/run.sh stop     ends the agent and its pods and keeps the images
#
# Everything lies under NODELET_HOME and NODELET_RUN_DIR, apart from any other nodelet or kubelet on the machine.
set -euo pipefail
cd "$(dirname "$0")/.."

home=${NODELET_HOME:-/var/lib/nodelet-run}
export NODELET_RUN_DIR=${NODELET_RUN_DIR:-/run/nodelet-run}
run_dir=$NODELET_RUN_DIR
export NODE_COMPILE_CACHE=$home/cache
pidfile=$home/agent.pid
log=$home/logs/agent.log
manifests=$home/manifests
nodelet=bin/nodelet

# Seconds. A loaded machine with two cores needs about 3 for the whole.
agent_limit=30
pod_limit=60
stop_limit=90

say() { echo "$*" >&2; }
fail() { say "run: $*"; exit 1; }

for dir in "$home" "$run_dir"; do
  case $dir in
    *..* | / | /*/) fail "NODELET_HOME and NODELET_RUN_DIR must be plain absolute paths without a slash at the end: $dir" ;;
    /?*/?*) ;;
    *) fail "NODELET_HOME and NODELET_RUN_DIR must be absolute paths of at least two parts: $dir" ;;
  esac
done
[ "$(id -u)" = 0 ] || fail "making containers needs root: sudo make run"

# In clock ticks after boot; with the pid it tells the agent from a later process of the same number.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# Prints the agent's pid if it lives.
agent_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$pidfile" || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

start_agent() {
  mkdir -p -m 0755 "$home" "$home/logs" "$manifests" "$run_dir"
  # A session of its own: Ctrl-C is for this script, which then ends the agent in order.
  setsid "$nodelet" agent \
    --pod-manifest-path="$manifests" \
    --root-dir="$home/root" --state-dir="$home/state" --run-dir="$run_dir" \
    --pod-logs-dir="$home/logs/pods" --container-logs-dir="$home/logs/containers" \
    --network=builtin --allow-missing-cgroup-controllers --image-gc-high-threshold=100 >>"$log" 2>&1 </dev/null &
  local pid=$!
  echo "$pid $(start_time "$pid")" >"$pidfile"
  local end=$((SECONDS + agent_limit))
  until [ -S "$run_dir/nodelet.sock" ] && "$nodelet" pods -o json >/dev/null 2>&1; do
    if ! agent_pid >/dev/null; then
      say "run: the agent ended. The end of its log, $log:"
      tail -n 30 "$log" >&2
      exit 1
    fi
    if [ $SECONDS -ge $end ]; then
      say "run: the agent did not answer within $agent_limit s. The end of its log, $log:"
      tail -n 30 "$log" >&2
      exit 1
    fi
    sleep 0.1
  done
  say "agent: pid $pid, log $log"
}

# Reads `nodelet pods -o json` and prints "STATE IP", STATE being ready where every container of pod web is, else the phase.
web_state() {
  "$nodelet" pods -o json 2>/dev/null | node -e '
    const text = require("node:fs").readFileSync(0, "utf8");
    const found = text ? JSON.parse(text) : [];
    const pod = (Array.isArray(found) ? found : (found.items ?? [])).find((p) => p.metadata?.name?.startsWith("web"));
    const status = pod?.status ?? {};
    const ready = status.phase === "Running" && status.containerStatuses?.every((c) => c.ready);
    console.log(ready ? "ready" : (status.phase ?? "unknown"), status.podIP || "-", pod?.metadata?.name ?? "web");'
}

page() {
  node -e '
    fetch(process.argv[1], { signal: AbortSignal.timeout(2000) })
      .then((r) => (r.ok ? r.text() : Promise.reject(new Error(`HTTP ${r.status}`))))
      .then((t) => console.log(t.trim()), (e) => { console.error(e.cause?.message ?? e.message); process.exit(1); });' "$1"
}

not_running() {
  say "run: $1. What the agent says:"
  "$nodelet" events >&2 || true
  say "The end of its log, $log:"
  tail -n 30 "$log" >&2
  say "It is left as it is, to be looked at; \`make stop\` ends it."
  exit 1
}

wait_for_pod() {
  local end=$((SECONDS + pod_limit)) state=unknown ip='' name=web
  until read -r state ip name < <(web_state) && [ "$state" = ready ]; do
    agent_pid >/dev/null || not_running "the agent ended while the pod was starting"
    [ $SECONDS -lt $end ] || not_running "pod web is not running after $pod_limit s (its state: $state)"
    sleep 0.2
  done
  until page "http://$ip:8080/" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || not_running "pod $name is running and its page at http://$ip:8080/ does not answer: $(page "http://$ip:8080/" 2>&1)"
    sleep 0.2
  done
  pod_ip=$ip
  pod_name=$name
}

tell() {
  local host="the host port 18080 does not answer"
  if page http://127.0.0.1:18080/ >/dev/null 2>&1; then host="http://127.0.0.1:18080/"; fi
  cat <<EOT

Pod $pod_name is running, its address is $pod_ip.
  page      http://$pod_ip:8080/   or from the host's port: $host
  log       $nodelet logs $pod_name -c ticker -f
  shell     $nodelet exec -it $pod_name -c httpd -- sh
  how built $nodelet explain $pod_name/httpd
  end       make stop
The commands find this agent by: export NODELET_RUN_DIR=$run_dir

EOT
}

start_all() {
  make -s build
  node scripts/busybox-image.ts build/images/busybox.new >/dev/null 2>&1 ||
    node scripts/busybox-image.ts build/images/busybox.new
  if ! cmp -s build/images/busybox.new/index.json build/images/busybox/index.json; then
    rm -rf build/images/busybox
    mv build/images/busybox.new build/images/busybox
    say "image: built localhost/nodelet/busybox:1 from this machine's busybox, in build/images/busybox"
  else
    rm -rf build/images/busybox.new
    say "image: build/images/busybox is there already"
  fi
  local pid
  if pid=$(agent_pid); then
    say "agent: already running, pid $pid"
  else
    start_agent
  fi
  "$nodelet" load build/images/busybox >&2 || fail "the image could not be loaded"
  # Under another name first: the agent never reads half a file.
  cp examples/web.yaml "$manifests/.web.yaml.new"
  mv "$manifests/.web.yaml.new" "$manifests/web.yaml"
  say "pod: examples/web.yaml is in $manifests, waiting for it to run"
  wait_for_pod
}

mounts_below() { awk '{print $5}' /proc/self/mountinfo | grep -E "^($home|$run_dir)(/|\$)" | sort -r || true; }

stop_all() {
  local pid end mount left
  if [ ! -e "$pidfile" ] && [ ! -d "$run_dir" ]; then
    say "stop: nothing is running"
    return 0
  fi
  # Without its manifest a pod is not started again.
  rm -rf "$manifests"
  mkdir -p "$manifests"
  if ! pid=$(agent_pid); then
    if [ -z "$(ls -A "$run_dir" 2>/dev/null)" ]; then
      say "stop: the agent is not running"
    else
      say "stop: the agent is not running; starting it once more to end the pods it left"
      start_agent
      pid=$(agent_pid)
    fi
  fi
  if [ -n "${pid:-}" ]; then
    say "stop: ending the pods"
    if ! timeout "$stop_limit" "$nodelet" stop --all >&2; then
      fail "the pods could not be ended; the agent (pid $pid) is still there, its log is $log"
    fi
    if [ "$(agent_pid)" = "$pid" ]; then
      kill -TERM "$pid"
      end=$((SECONDS + 10))
      while [ "$(agent_pid)" = "$pid" ]; do
        if [ $SECONDS -ge $end ]; then
          say "stop: the agent (pid $pid) does not end by SIGTERM, killing it"
          kill -KILL "$pid" 2>/dev/null || true
          sleep 0.2
          break
        fi
        sleep 0.1
      done
    fi
  fi
  while read -r mount; do
    [ -n "$mount" ] || continue
    umount "$mount" 2>/dev/null || say "stop: cannot unmount $mount"
  done < <(mounts_below)
  left=$(mounts_below)
  [ -z "$left" ] || fail "these mounts are still there, so nothing below them was removed: $left"
  rm -rf --one-file-system "$run_dir" "$home/root" "$home/logs" "$home/cache" "$manifests" "$pidfile"
  say "stop: done; the images stay in $home/state"
}

if [ "${1:-}" = stop ]; then
  [ -e node_modules/.package-lock.json ] || fail "nothing has been built here"
  PATH=$PWD/node_modules/.bin:$PATH stop_all
  exit
fi

export PATH=$PWD/node_modules/.bin:$PATH
if [ -n "${DETACH:-}" ]; then
  start_all
  tell
  exit
fi

finish() {
  trap '' INT TERM HUP
  [ -z "${view:-}" ] || kill "$view" 2>/dev/null || true
  echo
  stop_all
  exit 0
}
trap finish INT TERM HUP
start_all
tell
say "Ctrl-C ends the agent and its pods."
"$nodelet" pods --watch &
view=$!
wait "$view" || true
# The view ends by itself only when the agent has gone.
say "run: the live view ended"
agent_pid >/dev/null || { say "run: the agent has ended. The end of its log, $log:"; tail -n 30 "$log" >&2; }
finish
