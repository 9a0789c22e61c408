package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/finding"
	"unspoof/spf"
)

// longRecord is from where on a record is called long, in octets: with the rest of
// the answer it may then pass 512 (RFC 7208 section 3.4).
const longRecord = 450

// manyOctets is what an answer of all TXT records may take before receivers have to
// ask again over TCP (RFC 9715: 1232 with header and question).
const manyOctets = 1150

// SPF lints the SPF records among the TXT records at a domain (RFC 7208). With a
// resolver it also looks at what the record's names lead to, one question or so a
// term, and what the includes below cost.
func SPF(ctx context.Context, a Args) Report {
	j := newJob(ctx, KindSPF, a)
	j.report.Name = j.args.Domain
	if j.args.Strings == nil && !j.lookupSPF() {
		return j.done("")
	}
	var counted, meant [][]string
	for _, strs := range j.args.Strings {
		text := joined(strs)
		switch {
		case len(j.report.Records) == maxRecords:
			if isSPF(text) {
				j.left++
			}
		case isSPF(text):
			counted = append(counted, strs)
			j.report.Records = append(j.report.Records, text)
		case meantAsSPF(text):
			meant = append(meant, strs)
			j.report.Records = append(j.report.Records, text)
		}
	}
	if len(counted)+len(meant) == 0 {
		j.note("SPF-001", nil)
		return j.done("")
	}
	if j.args.Name != "" && j.args.Domain != "" && j.args.Name != j.args.Domain {
		j.find("SPF-013", j.report.Records[0], finding.Span{End: len(j.report.Records[0])}, true, vars{"host": j.args.Name})
	}
	if len(counted) == 1 { // the others do no harm, and no good
		for _, strs := range meant {
			text := joined(strs)
			j.find("SPF-014", text, finding.Span{End: len(text)}, false, vars{"text": text})
		}
		meant = nil
	}
	mended := j.spfRecords(append(counted, meant...))
	if j.loose || j.wide && !slices.ContainsFunc(j.report.Records, reads) {
		mended = "" // what receivers ignore today would let everybody in once it can be read
	}
	return j.done(mended)
}

// reads reports whether receivers can read the text of a record.
func reads(text string) bool {
	_, err := spf.Parse(text)
	return err == nil
}

// spfRecords lints each record and gives the one that is to replace them.
func (j *job) spfRecords(records [][]string) string {
	var all []*spfLint
	var out string
	good := true
	for _, strs := range records {
		l := &spfLint{job: j, text: joined(strs)}
		good = l.lint(strs) && good
		all = append(all, l)
	}
	if len(all) > 1 {
		joint, ok := join(all)
		out, good = joint, good && ok && j.left == 0
		second := all[1].text
		hint := ""
		if names := onlyIn(all); names != "" {
			hint = " Together they let in all that any of them does. These stand in one of them only; make sure that they still send: " + names + "."
		}
		j.find("SPF-002", second, finding.Span{End: len(second)}, good, vars{"count": fmt.Sprint(len(all) + j.left), "hint": hint})
	} else {
		out = all[0].String()
	}
	if _, err := spf.Parse(out); err != nil || !good {
		out = ""
	}
	for _, l := range all {
		if n := len(l.text); n >= longRecord {
			j.find("SPF-020", l.text, finding.Span{Start: longRecord, End: n}, out != "" && len(out) < longRecord, vars{"count": fmt.Sprint(n)})
		}
	}
	j.allText(j.args.Strings)
	return out
}

// allText judges the size of the answer that brings the record.
func (j *job) allText(records [][]string) {
	n := 0
	for _, strs := range records {
		n += len(joined(strs)) + 12 // what goes before each record
	}
	if n > manyOctets && len(records) > 1 {
		j.note("SPF-045", vars{"count": fmt.Sprint(n), "name": j.args.Domain})
	}
}

// maxWords bounds the terms of a record that are looked at; networks alone, the
// largest known records have some hundreds.
const maxWords = 2000

// spfLint is the lint of one record.
type spfLint struct {
	*job
	text    string
	cleaned bool // it held characters that are not ASCII
	words   []word
	order   []int // of words, where that is not as written
	end     string
}

// lint finds what is wrong; ok is false where no valid record can be made of it.
func (l *spfLint) lint(strs []string) (ok bool) {
	if len(l.text) > maxText {
		l.find("SPF-003", l.text[:maxText], finding.Span{End: maxText}, false, vars{"fault": "it is longer than a DNS record can be", "term": "its end"})
		return false
	}
	for _, s := range strs {
		if len(s) > maxString {
			at := strings.Index(l.text, s)
			l.find("SPF-035", l.text, finding.Span{Start: at + maxString, End: at + len(s)}, false, vars{"count": fmt.Sprint(len(s))})
		}
	}
	t := l.unescapeOctets(l.respace(strs))
	t, found := t.cleaned("", true)
	for _, f := range found {
		l.find("SPF-024", l.text, f.at, true, vars{"what": f.what})
	}
	l.cleaned = len(found) > 0
	t = l.head(t)
	t = l.unquote(t)
	words := split(t)
	if len(words) > maxWords {
		l.find("SPF-003", l.text, words[maxWords].at, false, vars{"fault": fmt.Sprintf("it has %d terms", len(words)), "term": "all behind the first " + fmt.Sprint(maxWords)})
		words = append(words[:maxWords], word{broken: true})
	}
	l.words = l.repair(l.rejoin(words))
	l.lettingIn()
	l.empties()
	l.once("redirect")
	l.once("exp")
	ok = true
	for _, w := range l.words {
		ok = ok && !w.broken
	}
	l.terms(ok)
	return ok
}

// respace puts spaces back that were lost where the record was split in strings,
// which are joined with nothing between (RFC 7208 section 3.3).
func (l *spfLint) respace(strs []string) traced {
	t := trace(l.text)
	if len(strs) < 2 {
		return t
	}
	var w tracer
	b := 0
	for i, s := range strs {
		for k := range len(s) {
			w.add(s[k:k+1], t.at[b+k])
		}
		b += len(s)
		if i+1 == len(strs) {
			break
		}
		left := l.text[strings.LastIndexByte(l.text[:b], ' ')+1 : b]
		right, _, _ := strings.Cut(l.text[b:], " ")
		if left == "" || right == "" || !startsTerm.MatchString(right) || !validTerm(right) || !validTerm(left) && !strings.EqualFold(left, spfVersion) {
			continue
		}
		if strings.EqualFold(right, "all") && validTerm(left+right) {
			continue // include:x.sm|all
		}
		w.add(" ", finding.Span{Start: b, End: b})
		l.find("SPF-034", l.text, finding.Span{Start: b - len(left), End: b + len(right)}, true, vars{"term": left + right, "mended": left + " " + right})
	}
	return w.done()
}

// once finds a modifier that is given twice (RFC 7208 section 6).
func (l *spfLint) once(name string) {
	first := -1
	for i := range l.words {
		w := &l.words[i]
		if w.broken || len(w.text) <= len(name) || !strings.EqualFold(w.text[:len(name)+1], name+"=") {
			continue
		}
		if first < 0 {
			first = i
			continue
		}
		same := strings.EqualFold(w.text, l.words[first].text)
		w.gone, w.broken = same, !same
		l.find("SPF-036", l.text, w.at, same, vars{"name": name})
	}
}

// String gives the record as it is after mending.
func (l *spfLint) String() string {
	var s strings.Builder
	s.WriteString(spfVersion)
	for i := range l.words {
		if l.order != nil {
			i = l.order[i]
		}
		if w := &l.words[i]; !w.gone {
			s.WriteString(" " + w.text)
		}
	}
	return s.String() + l.end
}

// lookupSPF asks for the records, at the domain and where people put them by
// mistake; false where nothing can be judged.
func (j *job) lookupSPF() bool {
	a, ok := j.askRecord(j.args.Domain)
	if !ok {
		return false
	}
	j.args.Name, j.args.Strings = j.args.Domain, txt(a)
	own := evidence(j.args.Domain, dns.TypeTXT, a)
	if !anySPF(j.args.Strings) {
		for _, host := range []string{"_spf." + j.args.Domain, "spf." + j.args.Domain} {
			if a, ok := j.ask(host, dns.TypeTXT); ok && anySPF(txt(a)) {
				j.args.Name, j.args.Strings = host, txt(a)
				j.args.Evidence = append(j.args.Evidence, evidence(host, dns.TypeTXT, a))
				break
			}
		}
		if a, ok := j.ask(j.args.Domain, typeSPF); ok && !a.Void() {
			j.note("SPF-015", nil, finding.Evidence{Query: query(j.args.Domain, typeSPF), Server: a.Server, Answer: "a record"})
		}
	}
	j.args.Evidence = append(j.args.Evidence, own)
	j.wildcardTXT(anySPF)
	return true
}

// typeSPF was given up in 2014 (RFC 7208 section 3.1).
const typeSPF dns.Type = 99

// madeUp is a label that nobody uses, by which wildcards are found.
const madeUp = "unspoof-wildcard-probe"

// wildcardTXT finds records that stand at every name below the domain (RFC 4592).
func (j *job) wildcardTXT(ours func([][]string) bool) {
	if a, ok := j.ask(madeUp+"."+j.args.Domain, dns.TypeTXT); ok && ours(txt(a)) {
		j.note("DNS-002", nil, evidence(madeUp+"."+j.args.Domain, dns.TypeTXT, a))
	}
}

func anySPF(records [][]string) bool {
	for _, strs := range records {
		if meantAsSPF(joined(strs)) {
			return true
		}
	}
	return false
}
