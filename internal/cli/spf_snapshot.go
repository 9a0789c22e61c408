package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"unspoof/spf"
)

// oldSnapshot reads the snapshot that is to be replaced, nil where there is none,
// and refuses a file that holds something else, or the snapshot of another domain.
func oldSnapshot(path, domain string) (*spf.Snapshot, error) {
	if path == "" {
		return nil, nil
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, usage("--snapshot: there is no folder "+folder, "make it first, or name a file in another")
	}
	data, err := readUpTo(path, maxSnapshotFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, usage("--snapshot: "+unread(path, err)+"; it is left as it is", "name another file")
	}
	old, err := spf.ParseSnapshot(data)
	switch {
	case err != nil:
		return nil, usage("--snapshot: "+path+" holds something else than a snapshot, and is left as it is: "+origin.ReplaceAllString(err.Error(), ""), "name another file")
	case !strings.EqualFold(old.Domain, domain):
		return nil, usage("--snapshot: "+path+" is the snapshot of "+old.Domain+", and is left as it is", "name another file: --snapshot "+domain+".spf.json")
	}
	return &old, nil
}

// writeSnapshot writes all of the file or nothing. A file that is there keeps its
// mode, and a link leads where it led; a new file gets what the umask leaves, since
// it holds only what DNS tells everybody.
func writeSnapshot(path string, s *spf.Snapshot) error {
	fail := func(err error) error { return fmt.Errorf("the snapshot was not written: %w", err) }
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fail(err)
	}
	if path, err = behindLinks(path); err != nil {
		return fail(err)
	}
	tmp, err := besides(path)
	if err != nil {
		return fail(err)
	}
	if info, statErr := os.Stat(path); statErr == nil {
		err = tmp.Chmod(info.Mode().Perm())
	}
	_, writeErr := tmp.Write(append(data, '\n'))
	err = errors.Join(err, writeErr, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fail(errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

// maxLinks is how many symbolic links in a row are followed, as systems do.
const maxLinks = 40

// behindLinks gives the file that a path leads to, which need not be there.
func behindLinks(path string) (string, error) {
	for range maxLinks {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", fmt.Errorf("%s: too many links", path)
}

// besides makes a new file next to another.
func besides(path string) (f *os.File, err error) {
	folder, name := filepath.Split(path)
	for i := range 100 { // some may be left from runs that were cut short
		f, err = os.OpenFile(folder+"."+name+".new"+strconv.Itoa(i), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, err
}

// maxSnapshotFile is what spf.ParseSnapshot reads, and one octet to see that there
// is more.
const maxSnapshotFile = 16<<20 + 1

// readUpTo reads at most n octets of a regular file: a pipe or a device could keep
// the program waiting for ever.
func readUpTo(path string, n int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is a folder")}
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is a pipe or a device, not a file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, n))
}
