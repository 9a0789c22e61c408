package posture

import (
	"strings"

	"unspoof/dmarc"
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
		case t.Name == "t" && t.Value == "n", t.Name == "pct" && t.Value == "100", t.Name == "rf", t.Name == "ri":
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
