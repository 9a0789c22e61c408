package lint

import (
	"context"
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/spf"
)

// join makes one record of several: all their terms, each once, and of their ends
// the one that refuses least. It does not hang on the order in which DNS gave them.
// False where only the owner can say what is meant: where one lets everybody in, a
// term has another sign than pass, so that the order of terms decides, or redirects
// or explanations differ, since a record has one of each.
func join(records []*spfLint) (string, bool) {
	var texts []string
	for _, l := range records {
		texts = append(texts, l.String())
	}
	slices.Sort(texts)
	out, unknown, all := spfVersion, "", ""
	seen := map[string]bool{}
	single := map[spf.Kind]string{}
	for _, text := range texts {
		rec, err := spf.Parse(text)
		if err != nil {
			return "", false
		}
		for i := range rec.Terms {
			t := &rec.Terms[i]
			key := sameAs(t)
			switch {
			case t.Kind == spf.KindAll && t.Qualifier == "+":
				return "", false
			case t.Kind == spf.KindAll:
				if all == "" || t.Qualifier == "~" || t.Qualifier == "?" && all == "-" {
					all = t.Qualifier
				}
			case t.Kind == spf.KindRedirect || t.Kind == spf.KindExp:
				if was := single[t.Kind]; was != "" && !strings.EqualFold(was, t.Text) {
					return "", false
				}
				single[t.Kind] = t.Text
			case !t.Kind.Modifier() && t.Result() != spf.Pass:
				return "", false
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
	if exp := single[spf.KindExp]; exp != "" && (all == "-" || redirect != "") {
		out += " " + exp
	}
	return clean(out + unknown)
}

// clean lints a joined record, by its text alone: together, its terms may hold
// mistakes that they did not have apart. It gives the record put right, and false
// where that does not read without a mistake.
func clean(text string) (string, bool) {
	for range 3 {
		r := SPF(context.Background(), Args{Strings: Text(text)})
		if r.Has("SPF-004") || r.Has("SPF-052") {
			return "", false
		}
		if r.Mended == "" {
			return text, !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.ID == "SPF-003" || f.ID == "SPF-028" || f.ID == "SPF-036" })
		}
		text = r.Mended
	}
	return "", false
}

// onlyIn names the terms that let somebody in and stand in one record alone: those
// let in by the joined record whom a reader of one of them would not expect.
func onlyIn(records []*spfLint) string {
	count, text := map[string]int{}, map[string]string{}
	for _, l := range records {
		rec, err := spf.Parse(l.String())
		if err != nil {
			return ""
		}
		own := map[string]bool{}
		for i := range rec.Terms {
			t := &rec.Terms[i]
			if key := sameAs(t); t.Result() == spf.Pass && t.Kind != spf.KindAll && !own[key] {
				own[key] = true
				count[key]++
				text[key] = t.Text
			}
		}
	}
	var single []string
	for key, n := range count {
		if n == 1 {
			single = append(single, text[key])
		}
	}
	slices.Sort(single)
	if left := len(single) - maxShown; left > 0 {
		single = append(single[:maxShown], "…")
	}
	return strings.Join(single, ", ")
}
