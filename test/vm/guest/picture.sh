#!/bin/bash
# Prints what the machine holds, a thing a line: mounts, network namespaces, links, addresses, rules, cgroups, nodelet's processes, and
# what lies in its run and state directories. Two pictures are compared as text.
awk '{ print "mount", $5, $(NF - 2), $(NF - 1) }' /proc/self/mountinfo
ls /run/netns 2>/dev/null | sed 's/^/netns /'
ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/link \1/'
ip -o addr | awk '{ print "address", $2, $3, $4 }'
ip route | sed 's/^/route /'
nft list ruleset 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*/counter/; s/^/nft /'
# kubepods and its two groups by quality of service stay once they are there.
find /sys/fs/cgroup -type d -not -path /sys/fs/cgroup/kubepods/burstable -not -path /sys/fs/cgroup/kubepods/besteffort -not -path '*/system.slice/*' -not -path '*/user.slice/*' | sed 's/^/cgroup /'
ps -eo comm= | grep '^nodelet-' | sed 's/^/process /'
for directory in /run/nodelet/containers /run/nodelet/sandboxes /run/nodelet/network /var/lib/nodelet/snapshots /var/lib/kubelet/pods; do
  find "$directory" -mindepth 1 -maxdepth 1 2>/dev/null | sed 's/^/file /'
done
