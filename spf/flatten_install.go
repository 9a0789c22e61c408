package spf

import (
	"slices"
	"strings"
	"time"

	"unspoof/dns"
)

// The TTL advised lies within these, in seconds: shorter ones cost receivers
// questions, longer ones keep a wrong record in place.
const (
	shortestTTL = 300
	longestTTL  = 3600
)

// install says how to put the records in place.
func (f *flattener) install() {
	in := &f.out.Install
	in.TTL = longestTTL
	if ttl := f.out.Snapshot.TTL; ttl > 0 {
		in.TTL = min(max(ttl, shortestTTL), longestTTL)
	}
	if !f.out.Changed {
		return
	}
	for _, p := range append(f.out.Publish[1:len(f.out.Publish):len(f.out.Publish)], f.out.Publish[0]) {
		in.Order = append(in.Order, p.Name)
	}
	in.RemoveAfter = int(f.published.TTL / time.Second)
	strs, n := selectRecord(f.published.Records)
	if n != 1 {
		return
	}
	for _, name := range f.parts(strings.Join(strs, "")) {
		if !slices.Contains(f.parts(f.out.Publish[0].Text), name) && !slices.Contains(f.parts(f.out.Record), name) {
			in.Remove = append(in.Remove, name)
		}
	}
}

// parts lists the names that Flatten gives to parts, where a record includes them.
func (f *flattener) parts(text string) (out []string) {
	rec, err := Parse(text)
	if err != nil {
		return nil
	}
	for i := range rec.Terms {
		t := &rec.Terms[i]
		name, ok := t.Domain.Name()
		name = dns.Canonical(name)
		if t.Kind == KindInclude && ok && f.partName(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (f *flattener) partName(name string) bool {
	number, own := strings.CutSuffix(name, "."+f.out.Domain)
	number, part := strings.CutPrefix(number, "_spf")
	return own && part && number != "" && strings.Trim(number, "0123456789") == ""
}
