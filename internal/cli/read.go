package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// maxMessage bounds a message that is kept in memory: five times what large
// providers let through.
const maxMessage = 128 << 20

// oneMessage asks for exactly one file.
func oneMessage(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usage(cmd.CommandPath()+" needs a message to read", "name its file, or - for standard input: "+cmd.CommandPath()+" message.eml")
	case len(args) > 1:
		return usage(fmt.Sprintf("%s reads one message, but got %d names", cmd.CommandPath(), len(args)), "call it once for each")
	}
	return nil
}

// openMessage opens a message, "-" being standard input. A separator line of a
// mailbox before its first field is passed over.
func (p *program) openMessage(name string) (io.ReadCloser, error) {
	source := io.NopCloser(p.in)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage(unread(name, err), "check the name and the folder that you are in")
		}
		if info, err := f.Stat(); err == nil && info.IsDir() {
			f.Close()
			return nil, usage(name+" is a folder", "name one message in it; whole folders are read by unspoof investigate")
		}
		source = f
	}
	start := make([]byte, 1024)
	n, err := io.ReadFull(source, start)
	start = start[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		source.Close()
		return nil, usage(unread(name, err), "")
	}
	if len(bytes.TrimSpace(start)) == 0 && n < cap(start) {
		source.Close()
		return nil, usage(name+" is empty", "give a message as it came: \"save as\" or \"download original\" in the mail program")
	}
	return &messageFile{io.MultiReader(bytes.NewReader(afterSeparator(start)), source), source}, nil
}

type messageFile struct {
	io.Reader
	io.Closer
}

// afterSeparator passes over the line that mailboxes put before a message, "From
// anna@example.com Sat Jun 1 10:00:00 2024".
func afterSeparator(start []byte) []byte {
	rest, found := bytes.CutPrefix(start, []byte("From "))
	_, after, whole := bytes.Cut(start, []byte("\n"))
	if !found || !whole || bytes.HasPrefix(bytes.TrimSpace(rest), []byte(":")) {
		return start
	}
	return after
}

// readMessage reads a whole message.
func (p *program) readMessage(name string) ([]byte, error) {
	f, err := p.openMessage(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxMessage+1))
	if err != nil {
		return nil, usage(unread(name, err), "")
	}
	if len(data) > maxMessage {
		return nil, usage(fmt.Sprintf("%s is larger than %d MB", name, maxMessage>>20), "no mail server takes a message of that size; check that it is one")
	}
	return data, nil
}

// maxHeader bounds a header that is read without its message; mail servers take
// 100 KB or less.
const maxHeader = 8 << 20

// readHeader reads the start of a message: its header, and what follows as far as
// a header might go.
func (p *program) readHeader(name string) ([]byte, error) {
	f, err := p.openMessage(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxHeader))
	if err != nil {
		return nil, usage(unread(name, err), "")
	}
	return data, nil
}

// unread says why a file cannot be read, naming it once.
func unread(name string, err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return name + " cannot be read: " + err.Error()
}
