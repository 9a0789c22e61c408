package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"unspoof/internal/intake"
	"unspoof/internal/store/sqlite"
)

// What one upload may hold. What it unpacks to is bounded by package intake,
// what a case keeps by package sqlite.
const (
	maxUpload  = 512 << 20 // bytes of the whole request
	maxFiles   = 20_000    // a folder of .eml files, dropped
	maxProfile = 16 << 20  // an outbound log makes a profile long
	maxPaste   = 16 << 20
	maxWord    = 320 // an address: 64 octets, "@", 255 octets (RFC 5321 section 4.5.3.1)
	maxName    = 200 // octets of a file's name that are shown
)

var errTooLarge = &problem{http.StatusRequestEntityTooLarge, "That is more than 512 MB. Hand over a part of the messages, a hundred are plenty for a verdict, or use \"unspoof investigate\" on the command line, which takes mailboxes of any size."}

// upload is what somebody handed over.
type upload struct {
	files   []intake.Upload
	who     string // the domain or address
	profile []byte // nil: none was given

	spool *os.File // all files, one behind the other
	size  int64
}

// remove takes the spooled bytes off the disk.
func (u *upload) remove() {
	u.spool.Close()
	os.Remove(u.spool.Name())
}

// readUpload reads the form of the first page, and the same of the API, as a
// stream to one file in the store's folder. The caller removes it.
func (s *Server) readUpload(w http.ResponseWriter, r *http.Request) (*upload, error) {
	r.Body = http.MaxBytesReader(w, r.Body, s.maxUpload)
	form, err := r.MultipartReader()
	if err != nil {
		return nil, badInput("Send the messages as a form (multipart/form-data).")
	}
	spool, err := os.CreateTemp(s.store.Spool(), sqlite.UploadPrefix)
	if err != nil {
		return nil, fmt.Errorf("web: spool an upload: %w", err)
	}
	u := &upload{spool: spool}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err == nil {
			err = u.take(part)
		}
		if err != nil {
			u.remove()
			return nil, brokenOff(err)
		}
	}
}

// brokenOff says what an upload failed by.
func brokenOff(err error) error {
	var p *problem
	var large *http.MaxBytesError
	if errors.As(err, &p) || errors.As(err, &large) || errors.Is(err, os.ErrInvalid) {
		return err
	}
	var disk *os.PathError
	if errors.As(err, &disk) {
		return fmt.Errorf("web: spool an upload: %w", err)
	}
	return badInput("The upload broke off or cannot be read. Try it again.")
}

// take reads one field of the form.
func (u *upload) take(part *multipart.Part) error {
	defer part.Close()
	switch name := part.FormName(); name {
	case "files":
		return u.addFile(fileName(part.FileName()), part)
	case "paste":
		return u.addFile("pasted text", io.MultiReader(part, strings.NewReader("\n")))
	case "domain":
		word, err := atMost(part, maxWord, "The domain")
		u.who = strings.TrimSpace(string(word))
		return err
	case "profile":
		text, err := atMost(part, maxProfile, "The profile file")
		if len(text) > 0 {
			u.profile = text
		}
		return err
	default:
		return badInput(fmt.Sprintf("The form has a field %q that is not known here; files, paste, domain and profile are.", clip(name, 40)))
	}
}

// addFile appends one file to the spool. An input without a file sends an empty
// one; that is none.
func (u *upload) addFile(name string, r io.Reader) error {
	if name == "pasted text" {
		r = io.LimitReader(r, maxPaste)
	}
	n, err := io.Copy(u.spool, r)
	if err != nil {
		return err
	}
	if n == 0 || name == "pasted text" && blank(u.spool, u.size, n) {
		u.size += n
		return nil
	}
	if len(u.files) == maxFiles {
		return badInput(fmt.Sprintf("More than %d files at once. Put them into a zip file and hand over that.", maxFiles))
	}
	u.files = append(u.files, intake.Upload{Name: name, Data: io.NewSectionReader(u.spool, u.size, n), Size: n})
	u.size += n
	return nil
}

// blank reports whether the n bytes at offset are white space only.
func blank(r io.ReaderAt, offset, n int64) bool {
	if n > 1<<10 {
		return false
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, offset); err != nil {
		return false
	}
	return strings.TrimSpace(string(text)) == ""
}

// atMost reads a field that has a limit.
func atMost(r io.Reader, limit int64, what string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, badInput(fmt.Sprintf("%s is longer than %d bytes.", what, limit))
	}
	return text, nil
}

// fileName is a file's name as the browser gives it, fit to be shown. It never
// names a file of ours.
func fileName(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	if s == "" {
		return "upload"
	}
	return clip(s, maxName)
}

// clip cuts s to at most n octets, between two characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
