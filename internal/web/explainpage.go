package web

import (
	"net/http"
	"regexp"

	"unspoof/finding"
)

// standIn is what finding.Plain writes where something found would be named.
var standIn = regexp.MustCompile(`\b(DOMAIN|HOST|NAME|ADDRESS|PORT|SERVICE)\b|…`)

// explain says what an id of a finding means.
func (s *Server) explain(w http.ResponseWriter, r *http.Request) error {
	rule, ok := finding.Find(r.PathValue("id"))
	if !ok {
		return &problem{http.StatusNotFound, "There is no finding with that id."}
	}
	all := rule.What + rule.Why + rule.Fix
	rule.What, rule.Why, rule.Fix = finding.Plain(rule.What), finding.Plain(rule.Why), finding.Plain(rule.Fix)
	told := rule.What + rule.Why + rule.Fix
	return s.render(w, http.StatusOK, "explain.html", struct {
		finding.Rule
		StandIns bool // the texts hold words in the place of what is found
	}{rule, told != all && standIn.MatchString(told)})
}

// cutText is a text with the part at fault apart.
type cutText struct{ Before, At, After string }

// cutAt cuts a record at the place of a finding. A place that is not in the text
// leaves it whole.
func cutAt(p *finding.Place) cutText {
	if p == nil {
		return cutText{}
	}
	from, to := p.Span.Start, p.Span.End
	if from < 0 || to < from || to > len(p.Text) {
		return cutText{Before: p.Text}
	}
	if from == to { // something is missing here
		return cutText{p.Text[:from], "\u25b2", p.Text[to:]}
	}
	return cutText{p.Text[:from], p.Text[from:to], p.Text[to:]}
}
