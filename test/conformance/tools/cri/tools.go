//go:build tools

// Package tools pins the programs that the CRI conformance runs are made of: critest, crictl, and ginkgo to run
// critest in several processes.
package tools

import (
	_ "github.com/onsi/ginkgo/v2/ginkgo"
	_ "sigs.k8s.io/cri-tools/cmd/crictl"
	_ "sigs.k8s.io/cri-tools/cmd/critest"
	_ "sigs.k8s.io/cri-tools/pkg/validate"
)
