package web

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"unspoof/dns"
	"unspoof/internal/census"
	"unspoof/internal/intake"
	"unspoof/internal/store"
	"unspoof/inventory"
)

// subject is the domain that a page is about, and where its DNS is asked: a case
// may bring its own.
type subject struct {
	Domain   string
	Case     *store.Case // nil: from no case
	resolver dns.Resolver
}

// CaseID is "" where the page belongs to no case.
func (a subject) CaseID() string {
	if a.Case == nil {
		return ""
	}
	return a.Case.ID
}

// key begins the keys of all that is remembered of the subject.
func (a subject) key() string { return a.CaseID() + "\n" + a.Domain }

// At is the address of a page about the subject.
func (a subject) At(page string) string {
	q := url.Values{"domain": {a.Domain}}
	if a.Case != nil {
		q.Set("case", a.Case.ID)
	}
	return page + "?" + q.Encode()
}

// about finds the subject that an address names. Of a case it is the case's own
// domain, whatever else the address says. The domain is "" where none is named.
func (s *Server) about(ctx context.Context, caseID, typed string) (subject, error) {
	a := subject{resolver: s.resolver}
	if caseID != "" {
		c, err := s.readyCase(ctx, caseID)
		if err != nil {
			return a, err
		}
		if c.Domain() == "" {
			return a, badInput("This case is of an address at a provider. Only the provider can change what its domain publishes.")
		}
		if a.resolver, err = s.resolverFor(c); err != nil {
			return a, err
		}
		a.Case, typed = &c, c.Domain()
	}
	if strings.TrimSpace(typed) == "" {
		return a, nil
	}
	domain, err := checkDomain(cleanDomain(typed))
	a.Domain = domain
	return a, err
}

// How many inventories are remembered, and how long. Going back and forth through
// the questions asks DNS and reads the mailbox once, not at every click; pages say
// of when it is, and have a link to ask anew.
const (
	maxSurveys = 8
	surveyAge  = 10 * time.Minute // about what the questions take
	// surveyRetry is for those to which DNS did not tell all.
	surveyRetry = 20 * time.Second
	// maxSurveyed is how many messages of a case are read for it: a person waits.
	maxSurveyed = 3000
)

// surveys are the inventories of the last minutes.
type surveys struct {
	mu   sync.Mutex
	list []survey // the latest last
}

type survey struct {
	key  string
	Made time.Time // when DNS was asked for it
	census.Result
}

func (l *surveys) find(key string, now time.Time) (survey, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.list {
		keep := surveyAge
		if len(one.Inventory.Unknown) > 0 {
			keep = surveyRetry
		}
		if age := now.Sub(one.Made); one.key == key && age >= 0 && age < keep {
			return one, true
		}
	}
	return survey{}, false
}

func (l *surveys) keep(one survey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = slices.DeleteFunc(l.list, func(old survey) bool { return old.key == one.key })
	if len(l.list) >= maxSurveys {
		l.list = slices.Delete(l.list, 0, 1)
	}
	l.list = append(l.list, one)
}

// forget drops what begins so: all of a case that is deleted, or of one subject.
func (l *surveys) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = slices.DeleteFunc(l.list, func(one survey) bool { return strings.HasPrefix(one.key, key+"\n") })
}

// anew drops what is remembered of a subject where the address of the page says so,
// and goes back to the page. It reports whether it did.
func (s *Server) anew(w http.ResponseWriter, r *http.Request, about subject) bool {
	q := r.URL.Query()
	if !q.Has(askAnew) {
		return false
	}
	s.surveys.forget(about.key())
	q.Del(askAnew)
	http.Redirect(w, r, r.URL.Path+"?"+q.Encode(), http.StatusSeeOther)
	return true
}

const askAnew = "anew"

// asked says of when an inventory is, and where to have it made anew.
type asked struct {
	Made time.Time
	Anew string
}

func askedFor(r *http.Request, made time.Time) asked {
	q := r.URL.Query()
	q.Set(askAnew, "yes")
	return asked{made, r.URL.Path + "?" + q.Encode()}
}

// survey makes the inventory of a subject: what DNS says, what the owner named,
// and of a case its messages, each as a message of his mailbox and as a notice.
func (s *Server) survey(ctx context.Context, a subject, given inventory.Given) (survey, error) {
	key := a.key()
	if a.Case != nil {
		key += "\n" + a.Case.Updated.Format(time.RFC3339Nano)
	}
	key += fmt.Sprintf("\n%q %q %v", given.Services, given.Hosts, given.Networks)
	now := s.now()
	if one, ok := s.surveys.find(key, now); ok {
		return one, nil
	}
	args := census.Args{Domain: a.Domain, Given: given, Resolver: a.resolver, Now: now}
	if c := a.Case; c != nil {
		args.Now = filledUntil(*c)
		args.Mail, args.Bounces = first(s.kept(ctx, c.ID)), first(s.kept(ctx, c.ID))
		args.Profile = s.profileFor(ctx, c, a.resolver)
	}
	res, err := census.Run(ctx, args)
	if err != nil {
		if ctx.Err() != nil {
			return survey{}, ctx.Err()
		}
		return survey{}, badInput(sentence(err))
	}
	if a.Case != nil && a.Case.Mailbox != nil && a.Case.Mailbox.Read > maxSurveyed {
		res.Warnings = append(res.Warnings, fmt.Sprintf("Only the first %d messages of the case were read for this list. “unspoof inventory --mail” reads all.", maxSurveyed))
	}
	one := survey{key, now, res}
	s.surveys.keep(one)
	return one, nil
}

// first gives the first messages of a source.
func first(source iter.Seq2[intake.Item, error]) iter.Seq2[intake.Item, error] {
	return func(yield func(intake.Item, error) bool) {
		n := 0
		for item, err := range source {
			if n++; n > maxSurveyed || !yield(item, err) {
				return
			}
		}
	}
}

// profileServers are the addresses that the owner's profile names as sending and
// that the inventory does not have.
func profileServers(a subject, inv inventory.Inventory) []string {
	var list []string
	if a.Case == nil {
		return nil
	}
	for _, h := range a.Case.Profile.OwnHosts {
		if h.IP.IsValid() && h.Role == "outbound" && !knownAddress(inv, h.IP) {
			list = append(list, h.IP.String())
		}
	}
	return list
}

func knownAddress(inv inventory.Inventory, ip netip.Addr) bool {
	return slices.ContainsFunc(inv.Senders, func(one inventory.Sender) bool {
		return slices.ContainsFunc(one.Addresses, func(x inventory.Address) bool { return x.Address == ip }) ||
			slices.ContainsFunc(one.Networks, func(p netip.Prefix) bool { return p.Contains(ip) })
	})
}
