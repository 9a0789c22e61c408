package posture

import (
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/spf"
)

// set writes a DMARC record with one tag changed, or added at the end. Tags that
// say what holds anyway are left out.
func set(r *dmarc.Record, tag, value string) string {
	var parts []string
	done := false
	seen := map[string]bool{}
	for _, t := range r.Tags {
		if seen[t.Name] {
			continue // only the first counts
		}
		seen[t.Name] = true
		if t.Name == tag {
			t.Value, done = value, true
		}
		switch {
		case t.Name == "t" && t.Value == "n", t.Name == "pct", t.Name == "rf", t.Name == "ri":
			continue
		}
		parts = append(parts, t.Name+"="+t.Value)
	}
	if !done {
		parts = append(parts, tag+"="+value)
	}
	return strings.Join(parts, "; ")
}

// mend puts right the usual slips around a policy record, "" where that does not
// make it one.
func mend(others []string) string {
	for _, text := range others {
		if !looksLikeDMARC(text) {
			continue
		}
		text = strings.NewReplacer(`\;`, ";", `"`, "", `\`, "").Replace(strings.TrimSpace(text))
		if i := indexVersion(text); i >= 0 {
			// What stood before it, "p=none; v=DMARC1", comes after.
			rest := strings.Trim(text[i+len("v=dmarc1"):], " \t,;")
			before := strings.Trim(text[:i], " \t;")
			text = "v=DMARC1"
			if rest != "" {
				text += "; " + rest
			}
			if strings.Contains(before, "=") {
				text += "; " + before
			}
		}
		if r, err := dmarc.Parse(text); err == nil && r.Policy != "" {
			return text
		}
	}
	return ""
}

// indexVersion finds v=DMARC1 in any case. Case is folded in place: lower-casing
// the text first could move its bytes.
func indexVersion(text string) int {
	const version = "v=DMARC1"
	for i := 0; i+len(version) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(version)], version) {
			return i
		}
	}
	return -1
}

// repaired writes the SPF record with ~all in place of an all that lets
// everybody in, and without the includes of names that have no record; "" where
// that changes nothing or leaves nobody. An include that works, but leads to one
// that does not, is its owner's to mend.
func (c *checker) repaired() string {
	if c.spf.everyone != "" && c.spf.open == nil {
		return "" // which of its networks should stay, only the owner knows
	}
	words, kept := []string{"v=spf1"}, 0
	for i := range c.spf.record.Terms {
		t := &c.spf.record.Terms[i]
		name, _ := t.Domain.Name()
		dead := t.Kind == spf.KindInclude && slices.ContainsFunc(c.spf.broken, func(b brokenTerm) bool { return strings.EqualFold(b.host, name) })
		switch {
		case dead, slices.Contains(c.spf.open, t.Text) && t.Kind != spf.KindAll:
			continue
		case t.Kind == spf.KindAll && t.Result() == spf.Pass:
			words = append(words, "~all")
			continue
		case t.Kind != spf.KindAll && !t.Kind.Modifier():
			kept++
		}
		words = append(words, t.Text)
	}
	text := strings.Join(words, " ")
	if _, err := spf.Parse(text); err != nil || kept == 0 || text == c.spf.text {
		return ""
	}
	return text
}
