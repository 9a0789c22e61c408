package intake

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// progress counts what has been read of the files themselves, packed as they
// are. A nil progress counts nothing.
type progress struct {
	tell        func(done, total int64)
	done, total int64
}

// newProgress sums the sizes up, when somebody wants to know.
func newProgress(args Args) *progress {
	if args.Progress == nil {
		return nil
	}
	p := &progress{tell: args.Progress}
	for _, path := range args.Paths {
		if path == "-" {
			p.total = 0 // a stream has no size, so neither has the whole
			return p
		}
		p.total += sizeBelow(path)
	}
	for _, up := range args.Uploads {
		p.total += up.Size
	}
	return p
}

// sizeBelow is the size of a file, or of the files below a folder. What cannot
// be seen counts nothing here; it is reported when it is read.
func sizeBelow(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if !info.IsDir() {
		return info.Size()
	}
	var sum int64
	filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}

func (p *progress) add(n int) {
	if p.done += int64(n); p.total > 0 && p.done > p.total {
		p.done = p.total // the directory of a zip is read more than once
	}
	p.tell(p.done, p.total)
}

func (p *progress) reader(r io.Reader) io.Reader {
	if p == nil {
		return r
	}
	return &countedReader{r, p}
}

func (p *progress) readerAt(r io.ReaderAt) io.ReaderAt {
	if p == nil {
		return r
	}
	return &countedReaderAt{r, p}
}

type countedReader struct {
	r io.Reader
	p *progress
}

func (c *countedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.p.add(n)
	return n, err
}

type countedReaderAt struct {
	r io.ReaderAt
	p *progress
}

func (c *countedReaderAt) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(b, off)
	c.p.add(n)
	return n, err
}
