//go:build tools

// Package tools names the programs that are built from this module, so that their versions stay pinned.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kubelet"
)
