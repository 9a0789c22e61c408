package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"unspoof/internal/fleet"
)

// checkInput is what the arguments of check name: domains and lists of them.
type checkInput struct {
	lists []fleet.List
	list  bool   // a file or standard input is among them
	total int64  // lines; 0 is not known
	print string // a fingerprint of all; "" where it can't be had
	files []*os.File
}

// checkInput opens the lists and looks at the names that were typed.
func (p *program) checkInput(typed []string) (*checkInput, error) {
	in := &checkInput{}
	var names []string
	var sources []string
	for _, d := range typed {
		switch {
		case d == "-" || d == "@-":
			sources = append(sources, "-")
		case strings.HasPrefix(d, "@"):
			sources = append(sources, d[1:])
		case strings.Contains(d, "@"):
			return nil, usage(fmt.Sprintf("%q is an address, not a domain", d), "give the part after the @: unspoof check "+d[strings.LastIndexByte(d, '@')+1:])
		default:
			names = append(names, d)
		}
	}
	if len(typed) == 0 {
		return nil, usage("which domain? None was given", "name one: unspoof check example.com, or a list of them: unspoof check @domains.txt")
	}
	if _, err := domainNames(names); err != nil {
		return nil, err
	}
	for _, name := range names {
		if domain := recordOf(name); domain != "" {
			return nil, usage(fmt.Sprintf("%q is the name of a record, not a domain that mail comes from", name), "the domain is "+domain+": unspoof check "+domain)
		}
		if _, reason := fleet.DomainIn(strings.TrimSpace(name)); reason != "" {
			return nil, usage(fmt.Sprintf("%q %s", name, reason), "write it as example.com")
		}
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			p.err.Line("%s is a file here, too; to check the domains that it lists: unspoof check @%s", name, name)
		}
	}
	known := sha256.New()
	if len(names) > 0 {
		text := strings.Join(names, "\n")
		in.lists = append(in.lists, fleet.List{Reader: strings.NewReader(text)})
		in.total += int64(len(names))
		io.WriteString(known, text+"\n")
	}
	in.list = len(sources) > 0
	whole := true
	for i, name := range sources {
		if name == "-" {
			for _, other := range sources[:i] {
				if other == "-" {
					in.Close()
					return nil, usage("standard input was named twice", "it can be read once; leave one - out")
				}
			}
			in.lists = append(in.lists, fleet.List{Name: "-", Reader: p.in})
			whole = false
			continue
		}
		f, err := openList(name)
		if err != nil {
			in.Close()
			return nil, err
		}
		in.files = append(in.files, f)
		in.lists = append(in.lists, fleet.List{Name: name, Reader: f})
		n, again, err := readAhead(f, known)
		if err != nil {
			in.Close()
			return nil, usage(unread(name, err), "")
		}
		in.total += n
		whole = whole && again
	}
	if whole {
		in.print = hex.EncodeToString(known.Sum(nil)[:16])
	} else {
		in.total = 0
	}
	return in, nil
}

// recordOf gives the domain that a name such as _dmarc.example.com or
// s1._domainkey.example.com belongs to, "" where it is no such name: a label with
// an underscore before it is for records, and no mail comes from there.
func recordOf(name string) string {
	labels := strings.Split(strings.TrimSuffix(strings.TrimSpace(name), "."), ".")
	for i := len(labels) - 1; i >= 0; i-- {
		if strings.HasPrefix(labels[i], "_") && i+2 < len(labels) {
			return strings.Join(labels[i+1:], ".")
		}
	}
	return ""
}

func openList(name string) (*os.File, error) {
	if name == "" {
		return nil, usage("@ names no file", "write @domains.txt, or - for standard input")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usage(unread(name, err), "check the name and the folder that you are in")
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, usage(name+" is a folder", "name a file with a domain a line")
	}
	return f, nil
}

// readAhead counts the lines of a file, for the progress, and takes its
// fingerprint. again is false for what can be read once only, such as a pipe.
func readAhead(f *os.File, known io.Writer) (lines int64, again bool, err error) {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return 0, false, err
	}
	counter := &lineCounter{}
	if _, err := io.Copy(io.MultiWriter(known, counter), f); err != nil {
		return 0, false, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return counter.n, err == nil, err
}

type lineCounter struct{ n int64 }

func (l *lineCounter) Write(p []byte) (int, error) {
	l.n += int64(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// Close closes the files.
func (in *checkInput) Close() error {
	var all []error
	for _, f := range in.files {
		all = append(all, f.Close())
	}
	return errors.Join(all...)
}

// listName is how a list is called before people.
func listName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}
