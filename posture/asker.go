package posture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"unspoof/dns"

	"unspoof/finding"
)

// Limits on the questions of one report. What a domain's own records can make us
// ask (includes, reporting addresses) is drawn from a part of its own.
const (
	firstQuestions     = 13 // MX, A, AAAA, TXT, and the walk of DMARC
	spfQuestions       = 16 // includes, and the addresses of a and mx
	setQuestions       = 16 // what is left of them, for the addresses that may send
	lintQuestions      = 12 // what lint asks beside that, about the record as mended
	extraQuestions     = 10 // hosts of MX, consent to reports, wildcards
	transportQuestions = 20 // name servers, DS, the parent, CAA, BIMI, MTA-STS, TLS-RPT, TLSA
	truthQuestions     = 18 // the policies for subdomains, and what their SPF records and those of a wildcard lead to
	dkimQuestions      = maxSelectors + 1
	claimQuestions     = 10 // whether names are registered
	registryQuestions  = 12 // whether a registry is known where this is asked
	reverseQuestions   = maxOwnAddresses*(1+maxReverseNames) + 2
	blocklistQuestions = 24 // two of each list, and each list about each own address

	maxMXHosts      = 3
	maxConsents     = 2
	maxSelectors    = 20
	maxNameServers  = 4
	maxOwnAddresses = 4
	maxReverseNames = 2
	maxCAA          = 4    // names up to the domain that was registered
	maxKeyText      = 1000 // octets of a key that a report repeats
)

// FullQuestions is the most that one full check asks.
const FullQuestions = firstQuestions + spfQuestions + setQuestions + lintQuestions + extraQuestions + transportQuestions + truthQuestions +
	dkimQuestions + claimQuestions + registryQuestions + reverseQuestions + blocklistQuestions

// maxAnswerText bounds what evidence repeats of an answer, in octets.
const maxAnswerText = 500

var errBudget = errors.New("this report asks no more questions")

// asker asks each question once, and remembers the answers as evidence. It is a
// dns.Resolver, so that packages spf and dmarc draw on the same answers.
type asker struct {
	resolver dns.Resolver
	limit    int // of questions, 0 none
	adopted  int // answers that were got elsewhere
	mu       sync.Mutex
	asked    map[dns.Question]*reply
	order    []*reply
	skipped  []dns.Question // wanted, and not asked
}

type reply struct {
	question dns.Question
	done     chan struct{}
	answer   dns.Answer
	err      error
	aside    bool // without an answer, not worth a word in the report's list
}

func newAsker(r dns.Resolver) *asker {
	return &asker{resolver: r, asked: map[dns.Question]*reply{}}
}

// Lookup implements dns.Resolver.
func (a *asker) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	q.Name = dns.Canonical(q.Name)
	a.mu.Lock()
	r, known := a.asked[q]
	if !known && a.full() {
		a.skipped = append(a.skipped, q)
		a.mu.Unlock()
		return dns.Answer{}, overBudget(q)
	}
	if !known {
		r = &reply{question: q, done: make(chan struct{})}
		a.asked[q] = r
		a.order = append(a.order, r)
	}
	a.mu.Unlock()
	if !known {
		r.answer, r.err = a.resolver.Lookup(ctx, q)
		close(r.done)
	}
	select {
	case <-r.done:
		return r.answer, r.err
	case <-ctx.Done():
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultCanceled, Err: ctx.Err()}
	}
}

// full reports that no new question is left.
func (a *asker) full() bool { return a.limit > 0 && len(a.order)+a.adopted >= a.limit }

func overBudget(q dns.Question) error {
	return &dns.Error{Question: q, Kind: dns.FaultRefused, Err: errBudget}
}

// adopt takes an answer that was got elsewhere, so that it is evidence without
// being asked. It counts against the limit all the same: else what a report says
// would hang on what others asked before.
func (a *asker) adopt(q dns.Question, answer dns.Answer) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked[q] != nil {
		return nil
	}
	if a.full() {
		a.skipped = append(a.skipped, q)
		return overBudget(q)
	}
	a.asked[q] = &reply{question: q, done: closed, answer: answer}
	a.adopted++
	return nil
}

// closed is the channel of an answer that nobody has to wait for.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (a *asker) setAside(q dns.Question) {
	q.Name = dns.Canonical(q.Name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.asked[q]; r != nil {
		r.aside = true
	}
}

// skip notes a question that a limit kept from being asked.
func (a *asker) skip(q dns.Question) {
	q.Name = dns.Canonical(q.Name)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.skipped = append(a.skipped, q)
}

// notAsked lists what limits kept from being asked, each once, in order.
func (a *asker) notAsked() []string {
	list := []string{}
	for _, q := range a.skipped {
		list = append(list, q.Type.String()+" "+q.Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// known reports whether a question was asked already, and so costs nothing.
func (a *asker) known(q dns.Question) bool {
	q.Name = dns.Canonical(q.Name)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[q] != nil
}

// part is an asker with a limit of its own on new questions.
type part struct {
	*asker
	mu    sync.Mutex
	left  int
	aside bool // its faults are told elsewhere
}

// Lookup implements dns.Resolver.
func (p *part) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if !p.known(q) && !p.take() {
		p.skip(q)
		return dns.Answer{}, overBudget(q)
	}
	a, err := p.asker.Lookup(ctx, q)
	if err != nil && p.aside {
		p.setAside(q)
	}
	return a, err
}

func (p *part) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left--
	return p.left >= 0
}

// evidence gives what was answered to a question. Of TXT records only those that
// keep likes are shown, all where it is nil.
func (a *asker) evidence(t dns.Type, name string, keep func(text string) bool) finding.Evidence {
	a.mu.Lock()
	r := a.asked[dns.Question{Name: dns.Canonical(name), Type: t}]
	a.mu.Unlock()
	if r == nil {
		return finding.Evidence{Query: t.String() + " " + name, Answer: "not asked"}
	}
	<-r.done
	return r.evidence(keep)
}

func (r *reply) evidence(keep func(text string) bool) finding.Evidence {
	e := finding.Evidence{Query: r.question.Type.String() + " " + r.question.Name, Server: r.answer.Server}
	switch {
	case r.err != nil:
		e.Answer = faultWord(r.err)
	case r.answer.RCode == dns.NXDomain:
		e.Answer = "NXDOMAIN"
	case r.answer.NoData():
		e.Answer = "NODATA"
	default:
		var all []string
		for _, rec := range r.answer.Records {
			if text := recordText(rec); keep == nil || keep(text) {
				all = append(all, text)
			}
		}
		e.Answer = clip(strings.Join(all, "; "), maxAnswerText)
		if len(all) == 0 {
			e.Answer = fmt.Sprintf("%d other records", len(r.answer.Records))
		}
	}
	return e
}

// unanswered lists the questions that DNS left open, in the order asked.
func (a *asker) unanswered() []finding.Evidence {
	list := []finding.Evidence{}
	for _, r := range a.order {
		if r.err != nil && !r.aside {
			list = append(list, r.evidence(nil))
		}
	}
	// The order hangs on which of the parallel questions came first.
	slices.SortFunc(list, func(x, y finding.Evidence) int { return strings.Compare(x.Query, y.Query) })
	return list
}

func faultWord(err error) string {
	var fault *dns.Error
	if errors.As(err, &fault) {
		return string(fault.Kind)
	}
	return "fault"
}

func recordText(r dns.Record) string {
	switch r.Type {
	case dns.TypeA, dns.TypeAAAA:
		return r.Addr.String()
	case dns.TypeMX:
		return fmt.Sprintf("%d %s", r.Pref, dot(r.Host))
	case dns.TypeTXT:
		return strings.Join(r.Text, "")
	case dns.TypeCNAME, dns.TypeNS, dns.TypePTR:
		return r.Host
	}
	if data := r.Data(); data != "" {
		return data
	}
	return "a record of " + r.Type.String()
}

// dot writes the root as people see it.
func dot(host string) string {
	if host == "" {
		return "."
	}
	return host
}

// clip shortens text from outside; it never cuts a character in two.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
