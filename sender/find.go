package sender

import (
	"slices"
	"strings"
	"sync"
)

// names finds services by what people call them.
var names = sync.OnceValue(func() map[string]*Service {
	m := map[string]*Service{}
	for i := range services {
		for _, n := range services[i].names() {
			m[key(n)] = &services[i]
		}
	}
	return m
})

// Find gives the service of an ID, a name or a usual other name ("Mailchimp",
// "office 365"); case, spaces and punctuation don't matter. For hosts there are
// ByInclude and ByMX.
func Find(nameOrID string) (Service, bool) {
	if len(nameOrID) > maxName {
		return Service{}, false
	}
	if s := names()[key(nameOrID)]; s != nil {
		return *s, true
	}
	return Service{}, false
}

// names gives everything that a service is called: "Brevo (Sendinblue)" is
// "Brevo" too.
func (s *Service) names() []string {
	n := append([]string{s.ID, s.Name}, s.Aliases...)
	if i := strings.Index(s.Name, " ("); i > 0 {
		n = append(n, s.Name[:i])
	}
	return n
}

// key is the form in which names are compared: letters and digits only.
func key(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '&':
			b.WriteString("and")
		case r == '+':
			b.WriteString("plus")
		}
	}
	return b.String()
}

// maxSuggestions is how many a person can weigh at a glance.
const maxSuggestions = 3

// Suggest gives the services whose names or include hosts are spelt most like
// the name given, nearest first, at most three. Nil: nothing is near.
func Suggest(name string) []Service {
	var near ranking[*Service]
	k, host := key(name), bareHost(name)
	for i := range services {
		s := &services[i]
		for _, n := range s.names() {
			near.offer(s, k, key(n))
		}
		for _, h := range s.Includes {
			near.offer(s, host, h)
		}
		for _, h := range s.Legacy {
			near.offer(s, host, h)
		}
	}
	var out []Service
	for _, s := range near.best() {
		out = append(out, *s)
	}
	return out
}

// SuggestHosts gives the include hosts that are spelt most like the one given,
// nearest first, at most three: "_secureserver.net" gives "secureserver.net". A
// name of the catalogue itself gives nothing.
func SuggestHosts(host string) []string {
	host = bareHost(host)
	var near ranking[string]
	for i := range services {
		for _, list := range [][]string{services[i].Includes, services[i].Legacy} {
			for _, h := range list {
				if h == host {
					return nil
				}
				near.offer(h, host, h)
			}
		}
	}
	return near.best()
}

// bareHost takes off what people copy along with a host.
func bareHost(host string) string {
	host = canonical(strings.TrimSpace(host))
	for _, p := range []string{"include:", "a:", "+include:", "redirect="} {
		host = strings.TrimPrefix(host, p)
	}
	return host
}

// ranking keeps what was near, with the smallest distance seen for each.
type ranking[T comparable] struct{ found []ranked[T] }

type ranked[T comparable] struct {
	what     T
	distance int
}

// offer weighs one spelling. Near is one slip in four letters, and never more
// than four slips.
func (r *ranking[T]) offer(what T, given, known string) {
	limit := min(len(known)/4, 4)
	if len(given) < 3 || limit == 0 {
		return
	}
	d := distance(given, known, limit)
	if d > limit {
		return
	}
	for i := range r.found {
		if r.found[i].what == what {
			r.found[i].distance = min(r.found[i].distance, d)
			return
		}
	}
	r.found = append(r.found, ranked[T]{what, d})
}

func (r *ranking[T]) best() []T {
	slices.SortStableFunc(r.found, func(a, b ranked[T]) int { return a.distance - b.distance })
	var out []T
	for _, f := range r.found[:min(len(r.found), maxSuggestions)] {
		out = append(out, f.what)
	}
	return out
}
