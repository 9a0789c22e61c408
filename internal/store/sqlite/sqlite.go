// Package sqlite keeps the cases of package store in one SQLite file that only
// its owner can read.
//
// There is one writer, the WAL journal and a schema version with migrations.
// What is deleted is overwritten and leaves the file. It does not encrypt:
// whoever can read the owner's files can read the cases.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Names inside the data folder.
const (
	fileName  = "unspoof.db"
	spoolName = "unspoof-uploads"
	lockName  = "unspoof.lock"
)

// UploadPrefix begins the name of every file in the spool.
const UploadPrefix = "upload-"

// Store keeps cases. It is safe for concurrent use; one process at a time has
// it open.
type Store struct {
	folder string
	lock   *os.File
	// w is the only connection that writes, so that writers queue in Go and
	// not in SQLite's busy handler; r are readers, which WAL lets run beside it.
	w, r *sql.DB
}

// Open opens the store in folder and makes both when they are not there: the
// folder with mode 0700, its files with 0600. It refuses a folder that belongs
// to somebody else, or that others can write to, and one that another process
// has open. Cases that were being read when the program last stopped come up as
// failed, with a note.
func Open(ctx context.Context, folder string) (*Store, error) {
	if err := ownFolder(folder); err != nil {
		return nil, err
	}
	lock, err := lockFolder(filepath.Join(folder, lockName))
	if err != nil {
		return nil, err
	}
	s := &Store{folder: folder, lock: lock}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if err := emptySpool(s.Spool()); err != nil {
		return err
	}
	path := filepath.Join(s.folder, fileName)
	// SQLite gives -wal and -shm the mode of the file itself.
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := ownFile(name, name == path); err != nil {
			return err
		}
	}
	var err error
	if s.w, err = sql.Open("sqlite", dsn(path, "immediate")); err != nil {
		return fmt.Errorf("store: open %s: %w", path, err)
	}
	s.w.SetMaxOpenConns(1)
	if err := migrate(ctx, s.w); err != nil {
		return fmt.Errorf("store: %s: %w", path, err)
	}
	if s.r, err = sql.Open("sqlite", dsn(path, "deferred", "query_only(1)")); err != nil {
		return fmt.Errorf("store: open %s: %w", path, err)
	}
	s.r.SetMaxOpenConns(4)
	return s.recover(ctx)
}

// dsn names the file and what each connection sets up.
func dsn(path, txlock string, pragmas ...string) string {
	q := url.Values{"_txlock": {txlock}}
	for _, p := range append([]string{
		"busy_timeout(5000)",
		"journal_mode(WAL)",
		"synchronous(NORMAL)", // a power cut may lose the last moment, never the file
		"foreign_keys(1)",
		"secure_delete(1)", // zeros over what is deleted
	}, pragmas...) {
		q.Add("_pragma", p)
	}
	// The path is escaped, or a "?" in it would begin the parameters.
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Spool is a folder, mode 0700, for uploads while they are read. The next Open
// removes every file in it whose name begins with UploadPrefix.
func (s *Store) Spool() string { return filepath.Join(s.folder, spoolName) }

// Close closes the store and lets the folder go.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.r, s.w} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
