package intake

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// walk is one folder being read.
type walk struct {
	*source
	root   *os.Root
	dir    string // as given
	before int    // messages given when it began
	others leftOut
	goOn   bool
	faults int
}

// visit is a step of fs.WalkDir; names have slashes and start below root.
func (w *walk) visit(name string, entry fs.DirEntry, err error) error {
	shown := filepath.Join(w.dir, filepath.FromSlash(name))
	if err != nil {
		w.faults++
		if w.goOn = w.fail(unopened(shown, err)); !w.goOn {
			return fs.SkipAll
		}
		if entry != nil && entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	switch {
	case entry.IsDir():
		if w.skipsFolder(name) {
			return fs.SkipDir
		}
		return nil
	case entry.Type()&fs.ModeSymlink != 0:
		w.goOn = w.link(name, shown)
	case !entry.Type().IsRegular():
		w.others.add(shown) // sockets, pipes: opening one may block for ever
	case strings.HasPrefix(entry.Name(), "."):
		// .DS_Store, .mbsync…: kept by programs for themselves
	default:
		w.goOn = w.file(name, shown)
	}
	if !w.goOn {
		return fs.SkipAll
	}
	return nil
}

// skipsFolder leaves out what is not yet delivered to a Maildir (tmp) and what
// programs hide; the hidden folders of Maildir++ (".Junk") are mail.
func (w *walk) skipsFolder(name string) bool {
	base := path.Base(name)
	switch {
	case name == ".":
		return false
	case base == "tmp":
		return w.isMaildir(path.Dir(name))
	case strings.HasPrefix(base, "."):
		return !w.isMaildir(name)
	}
	return false
}

func (w *walk) isMaildir(name string) bool {
	for _, sub := range []string{"cur", "new"} {
		if info, err := w.root.Lstat(path.Join(name, sub)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// link says which links lead out. One that stays inside is passed over: what it
// leads to is found by its own name, and must not count twice.
func (w *walk) link(name, shown string) bool {
	if _, err := w.root.Stat(name); err == nil {
		return true
	}
	return w.fail(&Error{
		File: shown, Minor: true, Problem: "is a link that leads out of the folder, or nowhere, and was not followed",
		Fix: "name the file that it leads to, if that is to be read",
	})
}

func (w *walk) file(name, shown string) bool {
	f, err := w.root.Open(name)
	if err != nil {
		w.faults++
		return w.fail(unopened(shown, err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		w.others.add(shown)
		return true
	}
	parent := filepath.Base(filepath.Dir(shown))
	return w.readPart(input{
		name: shown, r: w.progress.reader(f), at: w.progress.readerAt(f), size: info.Size(),
		single: singleName(name) || parent == "cur" || parent == "new",
	}, &w.others)
}

// finish says what was left out, and that there was nothing.
func (w *walk) finish() bool {
	if w.given > w.before {
		return w.others.report(w.source, w.dir)
	}
	if w.faults > 0 {
		return true // the reason has been said
	}
	return w.fail(&Error{
		File: w.dir, Problem: "holds no message" + w.others.looked(),
		Fix: "give a folder of .eml files, a Maildir, or the mailbox file itself",
	})
}
