package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/internal/inspect"
	"unspoof/internal/intake"
	mail "unspoof/message"
)

// What the form of one message may hold. The message stays in memory, and is
// gone with the answer.
const (
	maxInspected = intake.MaxMessage + maxForm // bytes of the whole request
	maxHELO      = 255                         // octets of a domain (RFC 5321 section 4.5.3.1.2)
	maxAddr      = 64                          // of an IP address, with brackets
	// unpackTime bounds what a packed message may cost.
	unpackTime = 10 * time.Second
	// searchTime bounds the search for what broke a signature.
	searchTime = 20 * time.Second
)

var (
	errLargeMessage = &problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("That is more than %d MB, which no mail server takes. Hand over one message.", intake.MaxMessage>>20)}
	errNoMessage    = badInput("No message was handed over. Choose or drop its file, or paste its whole source.")
	errManyMessages = badInput("That holds more than one message. Hand over a single one here; many together make a case, on the first page.")
	errSlowMessage  = badInput("That takes too long to unpack. Hand over the message itself, as an .eml file.")
)

// inspectForm is the form as it was filled in.
type inspectForm struct {
	files              []intake.Upload
	IP, HELO, MailFrom string // as typed
}

type inspectView struct {
	inspectForm
	Problem string
	// Case and Number are of the message, where it is one of a case.
	Case   string
	Number int

	Found *inspected // nil for the empty form
}

// inspected is what came out, ready to be shown.
type inspected struct {
	inspect.Result
	Light  light
	Checks []checkLine
	Then   []checkLine // at the hand-over
	Way    []hopLine
	Letter letter
}

// inspectPage shows the empty form.
func (s *Server) inspectPage(w http.ResponseWriter, _ *http.Request) error {
	return s.render(w, http.StatusOK, "inspect.html", inspectView{})
}

// inspect says who really sent the message that is handed over.
func (s *Server) inspect(w http.ResponseWriter, r *http.Request) error {
	f, err := readInspectForm(w, r)
	v := inspectView{inspectForm: f}
	if err == nil {
		v.Found, err = s.inspectUpload(r.Context(), f)
	}
	var p *problem
	switch {
	case errors.As(err, &p) && p.status == http.StatusBadRequest:
		v.Problem = p.text
		return s.render(w, p.status, "inspect.html", v)
	case err != nil:
		return err
	}
	return s.render(w, http.StatusOK, "inspect.html", v)
}

// inspectKept does so with a message of a case, which lies there as its mailbox
// kept it.
func (s *Server) inspectKept(w http.ResponseWriter, r *http.Request) error {
	c, err := s.store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := inspectView{Case: c.ID}
	if v.Number, err = number1(r); err != nil {
		return err
	}
	raw, err := s.store.Raw(r.Context(), c.ID, v.Number)
	if err != nil {
		return err
	}
	resolver, err := s.resolverFor(c)
	if err != nil {
		return err
	}
	if v.Found, err = s.inspectMessage(r.Context(), inspect.Args{Message: raw.Data, Resolver: resolver}); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "inspect.html", v)
}

// apiInspect takes the same form as the page, and answers as "unspoof inspect
// --json" does.
func (s *Server) apiInspect(w http.ResponseWriter, r *http.Request) error {
	f, err := readInspectForm(w, r)
	if err != nil {
		return err
	}
	found, err := s.inspectUpload(r.Context(), f)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int `json:"schema"`
		inspect.Result
	}{schema, found.Result})
}

func (s *Server) inspectUpload(ctx context.Context, f inspectForm) (*inspected, error) {
	args, err := f.args(s.resolver)
	if err != nil {
		return nil, err
	}
	if args.Message, err = f.message(ctx); err != nil {
		return nil, err
	}
	return s.inspectMessage(ctx, args)
}

func (s *Server) inspectMessage(ctx context.Context, args inspect.Args) (*inspected, error) {
	args.Now = s.now()
	res, err := inspect.Inspect(ctx, args)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err // DNS was not asked to the end
	}
	return asShown(res, whatBroke(ctx, res, args), args.Message), nil
}

// whatBroke looks for what was changed since a signature was made that does not
// hold. That is a help: where it finds nothing in time, nothing is said.
func whatBroke(ctx context.Context, res inspect.Result, args inspect.Args) dkim.ForensicResult {
	failed := func(s dkim.SignatureResult) bool { return s.Result == dkim.Fail }
	if !slices.ContainsFunc(res.DKIM.Results, failed) {
		return dkim.ForensicResult{}
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	found, err := dkim.Forensic(ctx, dkim.ForensicArgs{Message: args.Message, Resolver: args.Resolver})
	if err != nil {
		return dkim.ForensicResult{}
	}
	return found
}

// asShown makes a result ready to be shown.
func asShown(res inspect.Result, broke dkim.ForensicResult, data []byte) *inspected {
	return &inspected{
		Result: res, Light: senderLight(&res), Checks: checkLines(&res, broke), Then: handOverLines(res.HandOver, broke, res.Domain), Way: hopLines(res.Hops),
		Letter: readLetter(data),
	}
}

// readInspectForm reads the form as a stream, its files into memory. What was
// typed is given also where something is wrong.
func readInspectForm(w http.ResponseWriter, r *http.Request) (inspectForm, error) {
	var f inspectForm
	r.Body = http.MaxBytesReader(w, r.Body, maxInspected)
	form, err := r.MultipartReader()
	if err != nil {
		return f, badInput("Send the message as a form (multipart/form-data).")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err == nil {
			err = f.take(part)
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return f, errLargeMessage
		}
		if err != nil {
			return f, brokenOff(err)
		}
	}
}

// take reads one field of the form.
func (f *inspectForm) take(part *multipart.Part) error {
	defer part.Close()
	var err error
	switch name := part.FormName(); name {
	case "message":
		return f.add(fileName(part.FileName()), part)
	case "paste":
		return f.add("pasted text", part)
	case "ip":
		f.IP, err = typed(part, maxAddr, "The address")
	case "helo":
		f.HELO, err = typed(part, maxHELO, "The name in HELO")
	case "mail_from":
		f.MailFrom, err = typed(part, maxWord+2, "The envelope sender")
	default:
		return badInput(fmt.Sprintf("The form has a field %q that is not known here; message, paste, ip, helo and mail_from are.", clip(name, 40)))
	}
	return err
}

// typed reads a short field.
func typed(r io.Reader, limit int64, what string) (string, error) {
	text, err := atMost(r, limit, what)
	return strings.TrimSpace(strings.ToValidUTF8(string(text), "�")), err
}

// add keeps one file; an input without one sends an empty file, which is none.
func (f *inspectForm) add(name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if len(f.files) > 0 {
		return errManyMessages
	}
	f.files = append(f.files, intake.Upload{Name: name, Data: bytes.NewReader(data), Size: int64(len(data))})
	return nil
}

// args reads what is known of the hand-over. An empty field says that it is not
// known; the empty sender of a bounce is written as on the wire, "<>".
func (f *inspectForm) args(resolver dns.Resolver) (inspect.Args, error) {
	args := inspect.Args{HELO: f.HELO, MailFrom: strings.Trim(f.MailFrom, "<>"), HasMailFrom: f.MailFrom != "", Resolver: resolver}
	if strings.ContainsFunc(f.HELO, unnamed) {
		return args, badInput("The name in HELO is one word, a host name such as mail.example.com.")
	}
	if named := mail.ParseAddresses(args.MailFrom); args.MailFrom != "" && (len(named) != 1 || named[0].Domain == "" || strings.ContainsFunc(args.MailFrom, unnamed)) {
		return args, badInput("The envelope sender is an address such as anna@example.com, or <> for a bounce.")
	}
	if f.IP == "" {
		return args, nil
	}
	ip, err := netip.ParseAddr(strings.Trim(f.IP, "[]"))
	if err != nil || ip.Zone() != "" {
		return args, badInput(fmt.Sprintf("“%s” is no IP address. Write it as 192.0.2.1 or 2001:db8::1.", clip(f.IP, maxAddr)))
	}
	args.IP = ip.Unmap()
	return args, nil
}

// unnamed reports whether r stands in no name.
func unnamed(r rune) bool { return unicode.IsSpace(r) || hides(r) }

// message gives the single message that was handed over, unpacked where it is in
// a zip file or mailbox of its own.
func (f *inspectForm) message(ctx context.Context) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, unpackTime)
	defer cancel()
	var found []byte
	for item, err := range intake.Messages(limited, intake.Args{Uploads: f.files}) {
		var unread *intake.Error
		switch {
		case errors.As(err, &unread) && unread.Minor:
			continue
		case errors.As(err, &unread):
			return nil, badInput(unread.Sentence() + ".")
		case err != nil && ctx.Err() == nil:
			return nil, errSlowMessage
		case err != nil:
			return nil, err
		case found != nil:
			return nil, errManyMessages
		}
		found = bytes.Clone(item.Data) // lent until the next step
	}
	if found == nil {
		return nil, errNoMessage
	}
	return found, nil
}
