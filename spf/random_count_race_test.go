//go:build race

package spf_test

// The race detector makes each trial ten times as dear.
const randomTrials = 5_000
