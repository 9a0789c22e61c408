package intake

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

var errBudget = errors.New("more unpacked than allowed")

// budget is what the outermost archive and all within it may still cost.
type budget struct {
	octets  int64
	entries int
}

// newBudget for an archive of size octets; 0 where that is not known, as for a
// stream.
func newBudget(size int64) *budget {
	b := &budget{octets: MaxUnpacked, entries: MaxEntries}
	if size > 0 && size < MaxUnpacked/MaxRatio {
		b.octets = min(MaxUnpacked, freeUnpacked+size*MaxRatio)
	}
	return b
}

func (b *budget) reader(r io.Reader) io.Reader { return &budgetReader{r, b} }

type budgetReader struct {
	r io.Reader
	b *budget
}

func (r *budgetReader) Read(p []byte) (int, error) {
	if r.b.octets <= 0 {
		return 0, errBudget
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.b.octets)])
	r.b.octets -= int64(n)
	return n, err
}

// zipped gives the messages of a zip archive, in the order of its directory.
func (s *source) zipped(in input, r io.Reader, others *leftOut) bool {
	if in.depth >= MaxNesting {
		return s.fail(tooDeep(in.name))
	}
	if in.at == nil { // a zip is read from its end
		f, size, err := spool(r)
		if err != nil {
			return s.fail(unread(in.name, err))
		}
		defer f.Close()
		in.at, in.size = f, size
	}
	b := in.budget
	if b == nil {
		b = newBudget(in.size)
	}
	z, err := openZip(in.at, in.size)
	if errors.Is(err, errDirectory) {
		return s.fail(&Error{File: in.name, Err: err, Problem: "holds too many files", Fix: unpack})
	}
	if err != nil {
		return s.fail(damaged(in.name, "zip", err))
	}
	if document(z) {
		if others != nil {
			others.add(in.name)
			return true
		}
		return s.fail(&Error{File: in.name, Problem: "is an office document, not mail", Fix: saveAsEML})
	}
	return s.entries(in, z, b)
}

func (s *source) entries(in input, z *zip.Reader, b *budget) bool {
	before, faults := s.given, 0
	var others leftOut
	for _, entry := range z.File {
		name := in.name + "/" + entry.Name
		if entry.FileInfo().IsDir() || hidden(entry.Name) {
			continue
		}
		if b.entries--; b.entries < 0 {
			return s.fail(&Error{File: in.name, Problem: "holds too many files; the rest was given up", Fix: unpack})
		}
		if b.octets <= 0 {
			return s.fail(unread(in.name, errBudget))
		}
		if e := locked(name, entry); e != nil {
			if faults++; !s.fail(e) {
				return false
			}
			continue
		}
		r, err := entry.Open()
		if err != nil {
			if faults++; !s.fail(damaged(name, "zip", err)) {
				return false
			}
			continue
		}
		ok := s.readPart(input{
			name: name, r: b.reader(r), single: singleName(name), depth: in.depth + 1, budget: b,
		}, &others)
		r.Close()
		if !ok {
			return false
		}
	}
	if s.given > before || faults > 0 {
		return others.report(s, in.name)
	}
	return s.fail(&Error{File: in.name, Problem: "holds no message" + others.looked(), Fix: "put .eml files or a mailbox (mbox) into it"})
}

var errDirectory = errors.New("the archive's directory is too large")

// openZip reads the directory, which archive/zip takes into memory as a whole,
// through a reader that ends the patience with a large one.
func openZip(at io.ReaderAt, size int64) (*zip.Reader, error) {
	limited := &limitedAt{ReaderAt: at, left: maxDirectory}
	z, err := zip.NewReader(limited, size)
	if limited.left < 0 {
		return nil, errDirectory
	}
	limited.open = true
	return z, err
}

type limitedAt struct {
	io.ReaderAt
	left int64
	open bool // no limit any more
}

func (l *limitedAt) ReadAt(p []byte, off int64) (int, error) {
	if !l.open {
		if l.left -= int64(len(p)); l.left < 0 {
			return 0, errDirectory
		}
	}
	return l.ReaderAt.ReadAt(p, off)
}

// locked explains an entry that cannot be unpacked.
func locked(name string, entry *zip.File) *Error {
	const encrypted = 1 // bit 0 of the general purpose flag (APPNOTE 4.4.4)
	switch {
	case entry.Flags&encrypted != 0:
		return &Error{File: name, Problem: "is locked with a password", Fix: "unpack the archive first and give the folder"}
	case entry.Method != zip.Store && entry.Method != zip.Deflate:
		return &Error{File: name, Problem: "is packed in a way that cannot be read here", Fix: unpack}
	}
	return nil
}

// document holds for the zips that Office programs write.
func document(z *zip.Reader) bool {
	return slices.ContainsFunc(z.File, func(f *zip.File) bool {
		return f.Name == "[Content_Types].xml" || f.Name == "META-INF/manifest.xml"
	})
}

// hidden are the entries that an archiver adds for itself.
func hidden(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".")
}

// trimGzip gives the name inside: "in.mbox.gz" holds "in.mbox".
func trimGzip(name string) string {
	if ext := filepath.Ext(name); strings.EqualFold(ext, ".gz") {
		return name[:len(name)-len(ext)]
	}
	return name
}

// claimsMail holds for names that somebody gave to mail; when such a file is
// none, that is said of it by name.
func claimsMail(name string) bool {
	ext := strings.ToLower(filepath.Ext(trimGzip(name)))
	return slices.Contains([]string{".eml", ".mbox", ".mbx"}, ext)
}
