# nodelet: `make` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The project's own Node goes before the machine's: tools and tests run on the version that nodelet ships with.
node_arch := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
export PATH := $(CURDIR)/node_modules/node-linux-$(node_arch)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

ts_sources = $(shell find agent cni csi deviceplugins proto -name '*.ts' 2>/dev/null)

.PHONY: help setup build native bundle generate check-generated lint fmt test test-unit fuzz test-native test-integration \
  test-vm conformance soak bench package run stop image examples cluster cluster-addons cluster-stop clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building and running need (Debian packages, npm ci)
	@scripts/setup.sh run build

build: setup native bundle ## addon, shim and dist/nodelet.js

native: ## the C parts, into build/native
	@$(MAKE) -C native all

bundle: dist/nodelet.js ## dist/nodelet.js

dist/nodelet.js: scripts/bundle.ts package.json $(ts_sources)
	@node scripts/bundle.ts

generate: ## write the generated files anew
	@scripts/generate.sh
	@node scripts/pod-fields.ts
	@node scripts/kubelet-configuration.ts

check-generated: ## the committed generated files are those that the generators write
	@scripts/generate.sh --check

lint: ## types, lint rules, format, layers and import cycles, generated files
	@scripts/setup.sh build
	tsc --noEmit
	oxlint --type-aware --deny-warnings
	oxfmt --check --no-error-on-unmatched-pattern
	node scripts/check-layers.ts
	scripts/generate.sh --check
	node scripts/pod-fields.ts --check
	node scripts/kubelet-configuration.ts --check

fmt: ## format the sources in place
	@oxfmt

test: ## every tier that this machine can run
	@scripts/setup.sh run build test vm
	@$(MAKE) native bundle
	@node scripts/run-tests.ts unit fuzz native integration vm conformance

test-unit: ## no root, nothing built
	@scripts/setup.sh build
	@node scripts/run-tests.ts unit $(FILES)

fuzz: ## parsers under changed inputs, for a bounded time; root
	@scripts/setup.sh run build
	@$(MAKE) native
	@node scripts/run-tests.ts fuzz $(FILES)

test-native: ## the C code under AddressSanitizer, UndefinedBehaviorSanitizer and libFuzzer
	@scripts/setup.sh run build test
	@node scripts/run-tests.ts native $(FILES)

test-integration: ## root, real kernel
	@scripts/setup.sh run build test
	@$(MAKE) native bundle
	@node scripts/run-tests.ts integration $(FILES)

test-vm: ## virtual machines: Debian with systemd under qemu
	@scripts/setup.sh run build vm
	@$(MAKE) native bundle
	@node scripts/run-tests.ts vm $(FILES)

# Files that are named build what they need. Those in the test machines have all cgroup controllers.
CONFORMANCE_FILES = test/conformance/crictl/crictl.test.ts $(wildcard test/conformance/kube/*.test.ts test/conformance/cluster/*.test.ts) \
  $(addprefix test/vm/, $(addsuffix .test.ts, critest kubelet node-suite cluster-suite autoscaling))

conformance: ## the suites of the field, against what is built here; needs Go and root (ARGS="--procs=4": one run of critest)
	@scripts/setup.sh run build test vm
	@$(MAKE) native bundle
	@node test/conformance/critest/critest.ts $(ARGS)
	@test -n "$(ARGS)" || node scripts/run-tests.ts conformance vm $(CONFORMANCE_FILES)
	@test -n "$(ARGS)" || node test/conformance/node-suite/node-suite.ts
	@test -n "$(ARGS)" || node test/conformance/cluster-suite/cluster-suite.ts

soak: ## the long forms of the tests that have one; seeds are printed
	@scripts/setup.sh run build test
	@$(MAKE) native bundle
	@NODELET_SOAK=1 node scripts/run-tests.ts unit fuzz integration conformance $(FILES)

# What to measure, and with which flags: a program of test/bench each.
BENCHES = main pull cri cni node
BENCH_NODE = node --max-semi-space-size=1 --initial-old-space-size=8 --heap-growing-percent=20

bench: ## figures beside crun, runc, containerd and the stock kubelet, in one run (BENCHES="main pull cri cni node": some of it; ARGS: for each)
	@scripts/setup.sh run build bench
	@$(MAKE) native bundle
	@for part in $(BENCHES); do $(BENCH_NODE) test/bench/$$part.ts $(ARGS) || exit 1; done

package: setup native bundle ## the tarball and the .deb, into build/package
	@node scripts/package.ts

image: ## the small busybox image of the examples, into build/images/busybox
	@scripts/setup.sh run
	@node scripts/busybox-image.ts build/images/busybox

examples: ## the images of examples/, out of Debian packages, into the agent of `make run` (NAMES="redis toolbox": some of them)
	@scripts/setup.sh run build
	@layouts=$$(node scripts/example-images.ts $(NAMES)); for layout in $$layouts; do \
	  NODELET_RUN_DIR=$${NODELET_RUN_DIR:-/run/nodelet-run} bin/nodelet load -q "$$layout" || exit 1; done

run: ## setup, build, a pod from examples/ running; Ctrl-C ends it (DETACH=1: returns when it runs)
	@scripts/run.sh

stop: ## end what `make run` started; keeps the images
	@scripts/run.sh stop

cluster: ## a control plane and two nodes on this machine, kubectl ready to use; needs Go and root
	@scripts/setup.sh run build test
	@$(MAKE) native bundle
	@node scripts/cluster.ts up

cluster-addons: ## CoreDNS and metrics-server into the cluster, for names, kubectl top and autoscaling
	@node scripts/cluster.ts addons

cluster-stop: ## end the cluster and its pods
	@node scripts/cluster.ts down

clean: ## remove what was built
	rm -rf dist build
