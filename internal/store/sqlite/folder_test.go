//go:build unix

package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Even under a umask that hides nothing.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	folder := filepath.Join(t.TempDir(), "data")
	s := open(t, folder)
	c := example()
	if err := s.Create(context.Background(), &c); err != nil { // -wal and -shm are there now
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		seen++
		return nil
	})
	if err != nil || seen < 6 {
		t.Errorf("looked at %d files, error %v; want the folder, spool, lock, database, -wal and -shm", seen, err)
	}
}

func TestLooseFilesAreTightened(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	s.Close()
	path := filepath.Join(folder, fileName)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v; want 0600", info.Mode().Perm(), err)
	}
}

func TestFoldersThatAreRefused(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, folder string)
		want string
	}{
		{"others can write to it", func(t *testing.T, folder string) {
			chmod(t, folder, 0o777)
		}, "others can write to"},
		{"somebody else's", func(t *testing.T, folder string) {
			if err := os.Chown(folder, 12345, -1); err != nil {
				t.Skip("only root can give a folder away")
			}
		}, "belongs to another user"},
		{"in use", func(t *testing.T, folder string) {
			open(t, folder)
		}, "another unspoof uses"},
		{"the database is a link", func(t *testing.T, folder string) {
			if err := os.Symlink("/etc/hostname", filepath.Join(folder, fileName)); err != nil {
				t.Fatal(err)
			}
		}, "not a plain file"},
		{"the lock is a link", func(t *testing.T, folder string) {
			if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), filepath.Join(folder, lockName)); err != nil {
				t.Fatal(err)
			}
		}, "lock"},
		{"the spool is a link", func(t *testing.T, folder string) {
			if err := os.Symlink(t.TempDir(), filepath.Join(folder, spoolName)); err != nil {
				t.Fatal(err)
			}
		}, "move it away"},
		{"the database is no database", func(t *testing.T, folder string) {
			if err := os.WriteFile(filepath.Join(folder, fileName), []byte(strings.Repeat("not a database. ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a database"},
		{"the database is of a newer program", func(t *testing.T, folder string) {
			open(t, folder).Close()
			db, err := sql.Open("sqlite", filepath.Join(folder, fileName))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("PRAGMA user_version = 4711"); err != nil {
				t.Fatal(err)
			}
		}, "newer unspoof"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			tt.make(t, folder)
			s, err := Open(context.Background(), folder)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(context.Background(), path); err == nil || !strings.Contains(err.Error(), "--data") {
			t.Errorf("error %v does not say what to do", err)
		}
	})
}

func TestPathsNeedNoCare(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "what? 100% #1 data")
	s := open(t, folder)
	c := example()
	if err := s.Create(context.Background(), &c); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, fileName)); err != nil {
		t.Error(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
