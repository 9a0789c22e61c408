package probe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"unspoof/dns"
)

const (
	// Bootstrap is IANA's list of who answers for which top-level domain (RFC
	// 9224 section 4).
	Bootstrap = "https://data.iana.org/rdap/dns.json"
	// maxRDAP bounds one answer; the bootstrap file is about 100 kB.
	maxRDAP = 2 << 20
	// rdapTime bounds one question, redirects included.
	rdapTime = 30 * time.Second
	// rdapPause lies between two questions: registries answer few a second.
	rdapPause = time.Second
	// maxRedirects is how often one question may be sent on (RFC 7480 section
	// 5.2); a registry's answer leads to the registrar's once.
	maxRedirects = 5
)

// RDAP asks registries about domains (RFC 9082, RFC 9083). It holds the list of
// servers once it was read. Not for concurrent use: it asks slowly.
type RDAP struct {
	Resolver  dns.Resolver
	Bootstrap string       // "" is IANA's
	Client    *http.Client // nil: one that reaches public addresses only
	Pause     time.Duration

	// Questions counts what was asked: the list, registries, and registrars that
	// they led to.
	Questions int

	servers map[string]string // top-level domain or more, to base
	failed  error             // of the list, which is asked for once
}

// errNoServer is that of many country domains, whose registries have none.
var errNoServer = errors.New("the registry of this top-level domain has no RDAP server with TLS")

// errNotThere is the answer that the registry knows no such domain.
var errNotThere = errors.New("the registry knows no such domain")

// get reads one JSON document into v.
func (r *RDAP) get(ctx context.Context, url string, v any) error {
	if err := r.turn(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, rdapTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/rdap+json, application/json") // RFC 7480 section 4.2
	resp, err := r.client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound: // RFC 7480 section 5.3
		if resp.Request.URL.String() != url {
			// The registry knew whom to ask, so perhaps it knows the domain.
			return errors.New("the registry sent the question on to a server that knows no such domain")
		}
		return errNotThere
	case http.StatusTooManyRequests: // RFC 7480 section 5.5
		return errors.New("the registry was asked too often; try again later")
	default:
		return fmt.Errorf("the registry answers %s", clean(resp.Status))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRDAP+1))
	if err != nil {
		return err
	}
	if len(body) > maxRDAP {
		return errors.New("the registry's answer is too long")
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("the registry's answer cannot be read: %w", err)
	}
	return nil
}

// turn counts a question and waits between two.
func (r *RDAP) turn(ctx context.Context) error {
	r.Questions++
	if r.Questions == 1 {
		return ctx.Err()
	}
	return wait(ctx, cmp.Or(r.Pause, rdapPause))
}

func (r *RDAP) client() *http.Client {
	base := r.Client
	if base == nil {
		base = policyClient(r.Resolver)
	}
	c := *base
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || req.URL.Scheme != "https" {
			return errors.New("sent on too often, or to an address without TLS")
		}
		return r.turn(req.Context())
	}
	r.Client = &c
	return r.Client
}

// server finds the base address for a domain: that of the longest name in the
// list that the domain is in (RFC 9224 section 4).
func (r *RDAP) server(ctx context.Context, domain string) (string, error) {
	if r.servers == nil && r.failed == nil {
		r.failed = r.load(ctx)
	}
	if r.failed != nil {
		return "", r.failed
	}
	for name := domain; name != ""; {
		if base := r.servers[name]; base != "" {
			return base, nil
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return "", errNoServer
}

func (r *RDAP) load(ctx context.Context) error {
	url := r.Bootstrap
	if url == "" {
		url = Bootstrap
	}
	var doc struct {
		Services [][][]string `json:"services"`
	}
	if err := r.get(ctx, url, &doc); err != nil {
		return fmt.Errorf("the list of registries could not be read: %w", err)
	}
	servers := map[string]string{}
	for _, s := range doc.Services {
		if len(s) < 2 {
			continue
		}
		for _, base := range s[1] {
			if !strings.HasPrefix(base, "https://") {
				continue
			}
			for _, name := range s[0] {
				if n := dns.Canonical(name); servers[n] == "" {
					servers[n] = strings.TrimSuffix(base, "/") + "/"
				}
			}
		}
	}
	r.servers = servers
	return nil
}
