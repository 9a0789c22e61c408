// Package testdata finds the conformance suites, which live outside the
// repository.
package testdata

import (
	"os"
	"path/filepath"
	"testing"
)

// Variable names the environment variable that overrides where the suites are.
const Variable = "UNSPOOF_TESTDATA"

// Dir gives the absolute path of sub, a folder or file of the suites ("spf",
// "bounces/index.yaml"). A test without the suites is skipped and says so.
func Dir(t testing.TB, sub string) string {
	t.Helper()
	base := os.Getenv(Variable)
	if base == "" {
		base = filepath.Join("..", "shared", "testdata")
	}
	if !filepath.IsAbs(base) {
		base = filepath.Join(moduleRoot(t), base)
	}
	path := filepath.Join(base, filepath.FromSlash(sub))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("conformance suite not found (%v); set %s to its folder", err, Variable)
	}
	return path
}

// Shared gives a path beside the suites' folder ("bench/spf-workload.json"),
// skipping where it is missing.
func Shared(t testing.TB, path string) string {
	t.Helper()
	return Dir(t, filepath.Join("..", filepath.FromSlash(path)))
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("go.mod not found above the test's folder")
		}
		dir = parent
	}
}
