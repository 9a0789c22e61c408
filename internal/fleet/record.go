package fleet

import (
	"slices"
	"strconv"
	"strings"

	"unspoof/posture"
)

// RecordChange is a part of what a domain publishes that is not as it was.
type RecordChange struct {
	Name string `json:"name"` // "spf", "dmarc", "policy", "mx", "null_mx" or "services", as in a report
	Was  string `json:"was"`  // "" none; of several, with a comma between
	Now  string `json:"now"`
}

// records compares what two reports say is published. What DNS left open in one
// of them is not compared.
func records(was, now posture.Report) []RecordChange {
	list := []RecordChange{}
	open := append(openQuestions(was), openQuestions(now)...)
	known := func(part func(question string) bool) bool { return !slices.ContainsFunc(open, part) }
	add := func(name, before, after string) {
		if before != after {
			list = append(list, RecordChange{name, before, after})
		}
	}
	if known(func(q string) bool { return q == "TXT "+now.Domain }) {
		add("spf", was.SPF, now.SPF)
	}
	if known(func(q string) bool { return strings.HasPrefix(q, "TXT _dmarc.") }) {
		add("dmarc", was.DMARC, now.DMARC)
		add("policy", was.Policy, now.Policy)
	}
	if known(func(q string) bool { return q == "MX "+now.Domain }) {
		add("mx", sorted(was.MX), sorted(now.MX)) // those of one preference come in any order
		add("null_mx", yes(was.NullMX), yes(now.NullMX))
	}
	if len(open) == 0 {
		add("services", sorted(was.Services), sorted(now.Services))
	}
	return list
}

func sorted(list []string) string {
	return strings.Join(slices.Sorted(slices.Values(list)), ", ")
}

func yes(b bool) string { return strconv.FormatBool(b) }
