// Package intake is where messages come in: from files, folders, Maildirs,
// mailboxes (mbox), archives and standard input, one after the other, however
// large the whole is.
//
// What a file is, is seen from its content; its name only breaks ties. Nothing
// is lost: what cannot be read is named, with the reason and the way out, and
// the rest goes on. No link is followed out of a folder, and an archive may
// cost no more than the constants below allow.
//
// It does not look into a message: that is the work of package bounce.
package intake

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
)

// What one argument may cost. All of it is read as a stream, so these bound
// time and disk rather than memory, but for MaxMessage.
const (
	// MaxMessage is how much of one message is kept. Servers refuse mail far
	// smaller than this, and what a notice has to say stands at its beginning.
	MaxMessage = 32 << 20
	// MaxUnpacked bounds what one archive may unpack to, archives within it
	// included: room for a large mailbox, an end for a bomb.
	MaxUnpacked = 8 << 30
	// MaxRatio is how many times its own size an archive may unpack to. Mail
	// packs 3 to 30 times; deflate reaches 1032 only over repeated bytes.
	MaxRatio = 200
	// freeUnpacked is not held against MaxRatio: a small archive of many alike
	// notices is no bomb.
	freeUnpacked = 64 << 20
	// MaxEntries is how many entries an archive may hold, archives within it
	// included.
	MaxEntries = 200_000
	// maxDirectory bounds the directory of one zip file, which is held in
	// memory while the archive is read: enough for MaxEntries long names.
	maxDirectory = 32 << 20
	// MaxNesting is how deep archives may lie in each other: a zip of zips is
	// what mail programs make, more is a trick.
	MaxNesting = 2
)

// Args says where messages are.
type Args struct {
	// Paths are files and folders, read in the order given; "-" is Stdin. Where
	// there is no file FILE#N, it is the N-th message of the mailbox FILE.
	Paths []string
	Stdin io.Reader
	// Uploads are read after Paths.
	Uploads []Upload
	// Progress, unless nil, is told how many bytes of files are done, of how
	// many; total is 0 where that cannot be known. It is called often.
	Progress func(done, total int64)
}

// Upload is a file that is in no folder of ours.
type Upload struct {
	Name string // as the sender calls it; shown, never opened
	Data io.ReaderAt
	Size int64 // in bytes
}

// Item is one message.
type Item struct {
	// File is where it lies, as found from the argument: "dir/a.eml", "in.mbox#3"
	// for the third message of a mailbox, "all.zip/a.eml" inside an archive. It
	// may hold any octets: clean it before it is shown.
	File string
	// Data are the message's octets, valid until the next step of the sequence.
	Data []byte
	// Warnings say what of it is missing.
	Warnings []string
}

// Messages gives the messages one by one. Where one cannot be had, the step
// holds its Item.File and an [*Error]; the sequence goes on after it. It ends
// early only when ctx does, with the error of ctx.
func Messages(ctx context.Context, args Args) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		s := &source{ctx: ctx, yield: yield, progress: newProgress(args)}
		for _, path := range args.Paths {
			if !s.path(path, args.Stdin) {
				return
			}
		}
		for _, up := range args.Uploads {
			if !s.upload(up) {
				return
			}
		}
	}
}

// source is one run of Messages. Its methods report whether to go on.
type source struct {
	ctx      context.Context
	yield    func(Item, error) bool
	progress *progress
	message  []byte // storage of single messages, used again for the next
	buffers  [MaxNesting + 1]*bufio.Reader
	given    int // messages yielded so far
}

// input is one file, archive entry or stream.
type input struct {
	name   string
	r      io.Reader   // from the first octet
	at     io.ReaderAt // nil for a stream
	size   int64       // of at
	asked  bool        // somebody named this very file
	single bool        // its place or name says: one message
	depth  int         // archives around it
	budget *budget     // of the outermost archive; nil outside
}

func (s *source) path(path string, stdin io.Reader) bool {
	if path == "-" {
		return s.read(input{name: "-", r: s.progress.reader(stdin), asked: true})
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if file, n, ok := numbered(path); ok {
			return s.oneOf(file, n)
		}
	}
	if err != nil {
		return s.fail(unopened(path, err))
	}
	if info.IsDir() {
		return s.folder(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return s.fail(unopened(path, err))
	}
	defer f.Close()
	in := input{name: path, r: s.progress.reader(f), asked: true, single: singleName(path)}
	if info.Mode().IsRegular() {
		in.at, in.size = s.progress.readerAt(f), info.Size()
	}
	return s.read(in)
}

func (s *source) upload(up Upload) bool {
	return s.read(input{
		name: up.Name, r: s.progress.reader(io.NewSectionReader(up.Data, 0, up.Size)),
		at: s.progress.readerAt(up.Data), size: up.Size, asked: true, single: singleName(up.Name),
	})
}

// give hands one message on.
func (s *source) give(item Item) bool {
	if err := s.ctx.Err(); err != nil {
		s.yield(Item{}, err)
		return false
	}
	s.given++
	return s.yield(item, nil)
}

// fail hands on what could not be read. The end of the caller's patience is no
// fault of the file.
func (s *source) fail(e *Error) bool {
	if err := s.ctx.Err(); err != nil {
		s.yield(Item{}, err)
		return false
	}
	return s.yield(Item{File: e.File}, e)
}

// folder reads every message below dir, in the order of names. os.Root keeps
// the walk inside, whatever links lie there and change meanwhile.
func (s *source) folder(dir string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return s.fail(unopened(dir, err))
	}
	defer root.Close()
	w := walk{source: s, root: root, dir: dir, before: s.given, goOn: true}
	err = fs.WalkDir(root.FS(), ".", w.visit)
	if !w.goOn {
		return false
	}
	if err != nil && !errors.Is(err, fs.SkipAll) {
		return s.fail(unopened(dir, err))
	}
	return w.finish()
}
