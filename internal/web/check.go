package web

import (
	"context"
	"net/http"

	"unspoof/dns"
	"unspoof/internal/store"
	"unspoof/posture"
)

type checkView struct {
	Domain  string
	Problem string
	Report  *posture.Report
}

// check tells who can send as any domain.
func (s *Server) check(w http.ResponseWriter, r *http.Request) error {
	v := checkView{Domain: cleanDomain(r.URL.Query().Get("domain"))}
	status := http.StatusOK
	if r.URL.Query().Has("domain") {
		if domain, err := checkDomain(v.Domain); err != nil {
			v.Problem, status = err.Error(), http.StatusBadRequest
		} else {
			report, err := s.posture(r.Context(), domain, s.resolver)
			if err != nil {
				return err
			}
			v.Report = &report
		}
	}
	return s.render(w, status, "check.html", v)
}

// checkAgain asks DNS about the domain of a case anew.
func (s *Server) checkAgain(w http.ResponseWriter, r *http.Request) error {
	if err := s.refresh(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/cases/"+r.PathValue("id")+"?saved=check#exposure", http.StatusSeeOther)
	return nil
}

func (s *Server) refresh(ctx context.Context, id string) error {
	c, err := s.readyCase(ctx, id)
	if err != nil {
		return err
	}
	resolver, err := s.resolverFor(c)
	if err != nil {
		return err
	}
	report, err := s.postureOf(ctx, c, resolver)
	if err != nil {
		return err
	}
	// DNS took its time; the case may have changed meanwhile.
	s.changing.Lock()
	defer s.changing.Unlock()
	if c, err = s.readyCase(ctx, id); err != nil {
		return err
	}
	c.Posture, c.Updated = report, s.now()
	return s.store.Save(ctx, c)
}

func (s *Server) posture(ctx context.Context, domain string, resolver dns.Resolver) (posture.Report, error) {
	return posture.Check(ctx, posture.Args{Domain: domain, Resolver: resolver})
}

// postureOf tells who can send as the domain of a case; nil for an address at a
// provider, whose domain is the provider's business.
func (s *Server) postureOf(ctx context.Context, c store.Case, resolver dns.Resolver) (*posture.Report, error) {
	if c.Domain() == "" {
		return nil, nil
	}
	r, err := s.posture(ctx, c.Domain(), resolver)
	if err != nil {
		return nil, err
	}
	return &r, nil
}
