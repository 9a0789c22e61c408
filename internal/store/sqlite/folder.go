package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ownFolder makes the data folder, or checks the one that is there.
func ownFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("store: make the data folder: %w; name another one with --data", err)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("store: the data folder: %w", err)
	}
	if !ownedByUs(info) {
		return fmt.Errorf("store: the data folder %s belongs to another user; name another one with --data", folder)
	}
	if writableByOthers(info) {
		return fmt.Errorf("store: others can write to the data folder %s; run chmod 700 on it, or name another one with --data", folder)
	}
	return nil
}

// emptySpool makes the folder for uploads, and removes those that a process left
// that was killed. It touches nothing else: a folder of this name could be
// somebody's.
func emptySpool(spool string) error {
	if err := os.MkdirAll(spool, 0o700); err != nil {
		return fmt.Errorf("store: make %s: %w", spool, err)
	}
	if info, err := os.Lstat(spool); err != nil || !info.IsDir() || !ownedByUs(info) || writableByOthers(info) {
		return fmt.Errorf("store: %s is not a folder that only you can write to; move it away, or name another data folder with --data", spool)
	}
	files, err := os.ReadDir(spool)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), UploadPrefix) || !f.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(spool, f.Name())); err != nil {
			return fmt.Errorf("store: remove an old upload: %w", err)
		}
	}
	return nil
}

// ownFile makes a file that only its owner can read, or makes it so; create
// false leaves one that is not there alone.
func ownFile(path string, create bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !create:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err != nil {
			return fmt.Errorf("store: make %s: %w", path, err)
		}
		return f.Close()
	case err != nil:
		return fmt.Errorf("store: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("store: %s is not a plain file; move it away, or name another folder with --data", path)
	case !ownedByUs(info):
		return fmt.Errorf("store: %s belongs to another user; name another folder with --data", path)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
