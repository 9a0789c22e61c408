package lint

import (
	"strings"

	"unspoof/spf"
)

// join makes one record of several: all their terms, each once, and of their ends
// the one that refuses least but lets not everybody in. False where their redirects
// or explanations differ, since a record has one of each.
func join(records []*spfLint, good bool) (string, bool) {
	out := spfVersion
	seen := map[string]bool{}
	single := map[spf.Kind]string{}
	all := ""
	var unknown string
	for _, l := range records {
		rec, err := spf.Parse(l.String())
		if err != nil {
			return "", false
		}
		for i := range rec.Terms {
			t := &rec.Terms[i]
			key := strings.ToLower(t.String())
			switch {
			case t.Kind == spf.KindAll:
				if all == "" || t.Qualifier == "~" || t.Qualifier == "?" && all == "-" {
					all = t.Qualifier
				}
			case t.Kind == spf.KindRedirect || t.Kind == spf.KindExp:
				if was := single[t.Kind]; was != "" && !strings.EqualFold(was, t.Text) {
					good = false
				}
				single[t.Kind] = t.Text
			case seen[key]:
			case t.Kind == spf.KindUnknown:
				unknown += " " + t.Text
			default:
				out += " " + t.Text
			}
			seen[key] = true
		}
	}
	redirect := single[spf.KindRedirect]
	switch {
	case redirect != "" && all != "":
		return "", false // one of them was to say all
	case redirect != "":
		out += " " + redirect
	case all != "":
		out += " " + all + "all"
	}
	if exp := single[spf.KindExp]; exp != "" && strings.Contains(out, " -") {
		out += " " + exp
	}
	return out + unknown, good
}
