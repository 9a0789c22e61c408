package dkim

import (
	"context"
	"errors"
	"strings"

	"unspoof/dns"
)

// maxKeyRecords bounds the TXT records looked at under one name.
const maxKeyRecords = 10

// errNoRecord tells the missing record from all other faults.
var errNoRecord = errors.New("no key record")

// FetchKey asks for the key of a selector and reads it. The error is a *Fault:
// TempError when DNS did not answer, PermError for everything that the key's
// owner can mend.
func FetchKey(ctx context.Context, r dns.Resolver, domain, selector string) (Key, error) {
	k, f := fetchKey(ctx, r, keyName(selector, domain))
	if f != nil {
		return k, f
	}
	return k, nil
}

func fetchKey(ctx context.Context, r dns.Resolver, name string) (Key, *Fault) {
	answer, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil {
		var fault *dns.Error
		if errors.As(err, &fault) && fault.Kind == dns.FaultName { // no network can mend it
			return Key{}, &Fault{PermError, "the key's name can't be asked: " + clip(name), err}
		}
		return Key{}, &Fault{TempError, "the key's name server did not answer (" + faultKind(fault, err) + ")", err}
	}
	if len(answer.Records) == 0 {
		return Key{}, &Fault{PermError, "no key record at " + name, errNoRecord}
	}
	text := strings.Join(answer.Records[0].Text, "")
	if len(answer.Records) > 1 {
		var many bool
		if text, many = onlyKey(answer.Records); many {
			return Key{}, faultf(PermError, "several key records at %s", name)
		}
	}
	return parseKey(text)
}

// onlyKey picks the record with a p= tag; many says that there is no single one.
func onlyKey(records []dns.Record) (text string, many bool) {
	if len(records) > maxKeyRecords {
		return "", true
	}
	found := 0
	for _, r := range records {
		t := strings.Join(r.Text, "")
		if len(t) > maxKeyRecord {
			continue
		}
		if tags, _ := parseTags(nil, t, 0); tags.has("p") {
			text = t
			found++
		}
	}
	if found == 0 { // none is a key record: the first one's fault is told
		return strings.Join(records[0].Text, ""), false
	}
	return text, found > 1
}

func faultKind(fault *dns.Error, err error) string {
	if fault != nil {
		return string(fault.Kind)
	}
	return err.Error()
}
