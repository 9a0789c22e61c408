package lint

import (
	"regexp"
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/orgdomain"
)

// dmarcTags are those of RFC 9989 section 4.7, and those that it gave up.
var dmarcTags = []string{"v", "p", "sp", "np", "adkim", "aspf", "psd", "t", "rua", "ruf", "fo", "pct", "rf", "ri"}

// lostSemicolon matches a tag inside of another's value.
var lostSemicolon = regexp.MustCompile(`(?i)[\s,:]+(p|sp|np|adkim|aspf|psd|t|rua|ruf|fo|pct|rf|ri)\s*=`)

// gluedTag matches a policy with the next tag right behind it.
var gluedTag = regexp.MustCompile(`(?i)^(?:p|sp|np)\s*=\s*(?:none|quarantine|reject)((?:p|sp|np|adkim|aspf|psd|t|rua|ruf|fo|pct|rf|ri)\s*=)`)

// otherMark matches a tag that is written with another mark than an equals sign.
var otherMark = regexp.MustCompile(`(?i)^(p|sp|np|adkim|aspf|psd|t|rua|ruf|fo|pct|rf|ri)(\s*[:-]\s*|\s+)([^\s].*)$`)

// read cuts the text into tags.
func (l *dmarcLint) read(t traced) {
	segs := t.segments()
	for i := 0; i < len(segs); i++ {
		s := segs[i]
		if s.text == "" {
			if i+1 < len(segs) && strings.TrimSpace(t.text) != "" {
				l.find("DMARC-017", l.text, s.span(0, 0), true, vars{"fault": "two semicolons have nothing between them"})
			}
			continue
		}
		if m := lostSemicolon.FindStringIndex(s.text); m != nil && m[0] > 0 && !strings.HasSuffix(s.text[:m[0]], "mailto") {
			l.find("DMARC-023", l.text, s.span(m[0], m[1]), true, vars{"fault": "no semicolon stands before " + strings.Trim(s.text[m[0]:m[1]], " \t,:=")})
			name := m[0]
			for strings.IndexByte(" \t,:", s.text[name]) >= 0 {
				name++
			}
			segs = slices.Insert(segs, i+1, s.cut(name, len(s.text)))
			s = s.cut(0, m[0]).trimmed()
		}
		if m := gluedTag.FindStringSubmatchIndex(s.text); m != nil {
			l.find("DMARC-023", l.text, s.span(m[2], m[3]), true, vars{"fault": "no semicolon stands before " + strings.Trim(s.text[m[2]:m[3]], " \t=")})
			segs = slices.Insert(segs, i+1, s.cut(m[2], len(s.text)))
			s = s.cut(0, m[2])
		}
		l.readTag(s)
	}
}

func (l *dmarcLint) readTag(s traced) {
	at := s.span(0, len(s.text))
	tag := cutTag(s)
	if !tag.stray && isASCII(s.text) {
		l.tags = append(l.tags, tag)
		return
	}
	if !isASCII(s.text) {
		fixed, ok := aLabels(s.text)
		l.find("DMARC-020", l.text, at, ok, vars{"what": "letters that are not ASCII: " + s.text})
		if tag = cutTag(trace(fixed)); ok && !tag.stray {
			tag.at = at
			l.tags = append(l.tags, tag)
		}
		return
	}
	if last := &l.tags[len(l.tags)-1]; (last.name == "rua" || last.name == "ruf") && strings.Contains(s.text, "@") && !strings.Contains(s.text, "=") {
		l.find("DMARC-022", l.text, at, true, vars{"tag": last.name})
		last.value += "," + s.text
		return
	}
	if m := otherMark.FindStringSubmatch(s.text); m != nil && (m[1] != "t" || !strings.Contains(m[2], "-")) {
		l.find("DMARC-023", l.text, at, true, vars{"fault": s.text})
		tag = cutTag(trace(m[1] + "=" + strings.TrimLeft(m[3], "= ")))
		tag.at = at
		l.tags = append(l.tags, tag)
		return
	}
	l.find("DMARC-017", l.text, at, true, vars{"fault": s.text + " is no tag"})
}

// aLabels writes the domains of addresses in their own script as A-labels.
func aLabels(s string) (string, bool) {
	out := address8.ReplaceAllStringFunc(s, func(a string) string {
		at := strings.LastIndexByte(a, '@')
		if name, err := orgdomain.Name(a[at+1:]); err == nil {
			return a[:at+1] + name
		}
		return a
	})
	return out, isASCII(out)
}

var address8 = regexp.MustCompile(`[^\s,;:@]+@[^\s,;!?]+`)

// Slips in names of tags that are not one letter away.
var dmarcSlips = map[string]string{
	"policy": "p", "dkim": "adkim", "spf": "aspf", "mailto": "rua", "rau": "rua", "ura": "rua", "rufs": "ruf", "subdomain": "sp",
}

// rename puts names of tags right.
func (l *dmarcLint) rename() {
	for i := range l.tags {
		t := &l.tags[i]
		lower := strings.ToLower(t.name)
		if slices.Contains(dmarcTags, lower) {
			if lower != t.name {
				l.find("DMARC-017", l.text, t.at, true, vars{"fault": t.name + " is written in capitals; some readers don't know the tag then"})
				t.name = lower
			}
			continue
		}
		fix := dmarcSlips[lower]
		for _, known := range dmarcTags {
			if fix == "" && len(known) >= 3 && known != "pct" && oneSlip(lower, known) {
				fix = known
			}
		}
		// Receivers take the record for one without a policy: what is to hold from
		// now on is the owner's to say.
		asks := fix == "p" && find(l.tags, fix) == nil
		l.unclear = l.unclear || asks
		l.find("DMARC-017", l.text, t.at, !asks, vars{"fault": t.name + " is no tag of DMARC and is ignored"})
		if !asks && fix != "" && find(l.tags, fix) == nil {
			t.name = fix
			if lower == "mailto" {
				t.value = "mailto:" + t.value
			}
		} else {
			t.gone = true
		}
	}
}

// twice leaves the first tag of each name, which is the one that is obeyed; the
// addresses of all.
func (l *dmarcLint) twice() {
	first := map[string]int{}
	for i := range l.tags {
		t := &l.tags[i]
		if t.gone {
			continue
		}
		k, again := first[t.name]
		if !again {
			first[t.name] = i
			continue
		}
		o := &l.tags[k]
		if slices.Contains(policyTags, t.name) && !strings.EqualFold(o.value, t.value) {
			l.unclear = true
			l.find("DMARC-005", l.text, t.at, false, vars{"fault": t.name + " is given twice, as " + o.value + " and as " + t.value})
			continue
		}
		l.find("DMARC-017", l.text, t.at, true, vars{"fault": t.name + " is given twice; readers differ in which one they take"})
		t.gone = true
		if (t.name == "rua" || t.name == "ruf") && !strings.Contains(o.value, t.value) {
			o.value += "," + t.value
		}
	}
}

// sort puts p right behind v, where readers of the old standard want it (RFC 7489
// section 6.3).
func (l *dmarcLint) sort() {
	p := find(l.tags, "p")
	if p == nil {
		return
	}
	at := slices.IndexFunc(l.tags[1:], func(t tag) bool { return !t.gone }) + 1
	if l.tags[at].name == "p" {
		return
	}
	l.find("DMARC-017", l.text, p.at, true, vars{"fault": "readers of the old standard want p right after v"})
	moved := *p
	p.gone = true
	l.tags = slices.Insert(l.tags, 1, moved)
}

func (l *dmarcLint) whole() finding.Span { return finding.Span{End: len(l.text)} }
