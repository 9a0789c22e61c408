// Package inspect says who really sent a message: which of the lines that it
// carries can be trusted, which of its names differ, what its signatures and
// policies say, and what it pretends.
//
// It asks DNS and nothing else: no link is followed, nothing is fetched, and no
// receipt is sent. It does not look into the body, but for its signature.
package inspect

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"unspoof/auth"
	"unspoof/authres"
	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/message"
)

// Args is a message, and what is known of how it came.
type Args struct {
	// Message as the mailbox keeps it, or as the client handed it over. It is
	// neither changed nor kept.
	Message []byte
	// IP and HELO are of the client that handed it over, where they are known;
	// else they are taken from the line of the server that took it in.
	IP   netip.Addr
	HELO string
	// MailFrom is the envelope sender, where HasMailFrom says that it is known; it
	// is empty for a bounce.
	MailFrom    string
	HasMailFrom bool

	Resolver dns.Resolver // needed
	Now      time.Time    // decides whether signatures have expired; needed
}

// Result is what a message shows. The judgement of package auth at Now stands in
// it as it is.
type Result struct {
	auth.Result
	// Sender is the answer in sentences: who sent it, as far as it can be known.
	Sender string    `json:"sender"`
	Now    time.Time `json:"now"`
	// Known says where IP, HELO and MAIL FROM are from.
	Known Known `json:"known"`
	// HandOver is the judgement at the moment when the message was handed over; nil
	// where that is not known, or where no signature has expired since.
	HandOver *HandOver `json:"hand_over,omitempty"`

	Subject    string     `json:"subject"`
	Identities []Identity `json:"identities"`
	Hops       []Hop      `json:"hops"` // the last step first
	// Reported is what the mailbox's own servers wrote of the message when it came.
	Reported []authres.Field `json:"reported"`
	Findings []Finding       `json:"findings"`
}

// Known says where the parts of the transaction are from: "given", a place in the
// message ("Received, line 3"), or "" for what is not known.
type Known struct {
	IP       string `json:"ip"`
	HELO     string `json:"helo"`
	MailFrom string `json:"mail_from"`
}

// Given is the word of Known for what Args held.
const Given = "given"

// HandOver is the judgement of another moment.
type HandOver struct {
	Time        time.Time              `json:"time"`
	Verdict     dmarc.Verdict          `json:"result"`
	Reason      string                 `json:"reason"`
	Disposition dmarc.Policy           `json:"disposition"`
	Alignment   auth.Alignment         `json:"alignment"`
	DKIM        []dkim.SignatureResult `json:"dkim"`
}

// Inspect reads a message and judges it. The error is one of Args; whatever is
// wrong with the message or DNS is a Result.
func Inspect(ctx context.Context, args Args) (Result, error) {
	header, _, _ := message.ReadHeader(args.Message)
	path := ReadPath(ctx, PathArgs{Header: header, IP: args.IP, Resolver: args.Resolver})
	res := Result{Now: args.Now, Hops: path.Hops, Subject: message.DecodeWords(header.Value("Subject"))}
	call := auth.Args{
		IP: args.IP, HELO: args.HELO, MailFrom: args.MailFrom,
		Message: args.Message, Resolver: args.Resolver, Now: args.Now,
	}
	res.Known = complete(&call, args, path, header)
	var err error
	if res.Result, err = auth.Check(ctx, call); err != nil {
		return Result{}, fmt.Errorf("inspect: %w", err)
	}
	if err := res.atHandOver(ctx, call, path); err != nil {
		return Result{}, fmt.Errorf("inspect: %w", err)
	}
	res.Reported = reported(header, path)
	res.Identities = identities(header, call.MailFrom, res.Known.MailFrom)
	res.Findings = findings(header, &res)
	res.Sender = res.sender()
	return res, nil
}

// complete fills what is not given from what the mailbox's own servers wrote.
func complete(call *auth.Args, args Args, path Path, header message.Header) Known {
	var k Known
	client, place := path.client()
	switch {
	case args.IP.IsValid():
		k.IP = Given
	case client.IP.IsValid():
		call.IP, k.IP = client.IP, place
	}
	switch {
	case args.HELO != "":
		k.HELO = Given
	case client.HELO != "" && call.IP == client.IP:
		call.HELO, k.HELO = client.HELO, place
	}
	if args.HasMailFrom {
		k.MailFrom = Given
		return k
	}
	// Only what stands above the border was written at delivery (RFC 5321 section
	// 4.4); the client may have added one of its own.
	for _, f := range header.Fields[:path.Boundary] {
		if !strings.EqualFold(f.Name, "Return-Path") {
			continue
		}
		call.MailFrom, k.MailFrom = "", fmt.Sprintf("Return-Path, line %d", f.Line)
		if list := message.ParseAddresses(f.Value()); len(list) > 0 && list[0].Domain != "" {
			call.MailFrom = list[0].String()
		}
		break
	}
	return k
}

// client gives the line whose client SPF is to judge: that of the border, or, where
// somebody handed the message in by name or from inside, the last above it that came
// from a public address, as when a provider's own customers write to each other.
func (p Path) client() (h Hop, place string) {
	for i := p.Border; i >= 0; i-- {
		h := p.Hops[i]
		if h.IP.IsValid() && !private(h.IP) && !h.LoggedIn {
			return h, fmt.Sprintf("Received, line %d", h.Line)
		}
	}
	return Hop{}, ""
}

// atHandOver judges once more as at the hand-over, where a signature has expired
// since.
func (r *Result) atHandOver(ctx context.Context, call auth.Args, path Path) error {
	if path.Border < 0 || path.Hops[path.Border].Time.IsZero() {
		return nil
	}
	then := path.Hops[path.Border].Time
	expired := false
	for _, s := range r.DKIM.Results {
		expired = expired || !s.Expires.IsZero() && r.Now.After(s.Expires) && !then.After(s.Expires)
	}
	if !expired {
		return nil
	}
	call.Now = then
	old, err := auth.Check(ctx, call)
	if err != nil {
		return err
	}
	r.HandOver = &HandOver{
		Time: then, Verdict: old.Verdict, Reason: old.Reason, Disposition: old.Disposition, Alignment: old.Alignment, DKIM: old.DKIM.Results,
	}
	return nil
}

// maxReported bounds the fields repeated.
const maxReported = 20

// reported gives the Authentication-Results above the border.
func reported(header message.Header, path Path) []authres.Field {
	list := []authres.Field{}
	for _, f := range header.Fields[:path.Boundary] {
		if len(list) == maxReported {
			break
		}
		if !strings.EqualFold(f.Name, authres.Name) {
			continue
		}
		if field, err := authres.Parse(f.Value()); err == nil {
			list = append(list, field)
		}
	}
	return list
}
