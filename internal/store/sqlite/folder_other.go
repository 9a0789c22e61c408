//go:build !unix

package sqlite

import (
	"fmt"
	"io/fs"
	"os"
)

// Elsewhere the user's own folder is private by what it inherits, and the
// system says nothing that could be compared here.
func ownedByUs(fs.FileInfo) bool { return true }

func writableByOthers(fs.FileInfo) bool { return false }

func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return f, nil
}
