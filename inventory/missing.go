package inventory

import (
	"regexp"
	"slices"
	"strings"
)

// braces finds {placeholders}; with the sign before them they are SPF macros (RFC
// 7208 section 7.1), and none.
var braces = regexp.MustCompile(`%?\{([^{}]+)\}`)

// words says what a placeholder means where its name alone does not.
var words = map[string]string{
	"n": "number of the key", "nn": "number of your account's server", "nnn": "number of your account's server", "ab": "letters of your account's server",
	"yyyymmdd": "date of the key", "yyyymmddhhmmss": "time of the key", "random5": "selector of five letters", "sap": "selector",
	"id": "account id", "uuid": "account id", "hash": "account code", "token": "token", "value": "value", "custom": "selector",
	"random": "selector", "timestamp": "time of the key", "shard": "server of your account", "suffix": "ending for your account",
}

// Missing names in words what the {placeholders} of a catalogue's name or value
// stand for, each once: what only the service can tell. Never nil.
func Missing(text string) []string {
	out := []string{}
	for _, hit := range braces.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(hit[0], "%") {
			continue
		}
		w := words[hit[1]]
		if w == "" {
			w = strings.ReplaceAll(hit[1], "-", " ")
		}
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
