package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestCatalogueIsFresh(t *testing.T) {
	text, err := os.ReadFile("../../catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Generate(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../catalogue.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("sender/catalogue.go is not made from catalogue.yaml; run go generate ./sender")
	}
}

func TestBadDataIsRefused(t *testing.T) {
	const good = "services:\n  - {id: a, name: A, category: mailbox, return_path: native, spf: recommended, confidence: high%s}\n"
	if _, err := Generate([]byte(strings.Replace(good, "%s", "", 1))); err != nil {
		t.Fatalf("the sound entry is refused: %v", err)
	}
	for _, tc := range []struct{ rule, more, want string }{
		{"unknown field", ", include: [x.example]", "field include not found"},
		{"include that is no host", `, includes: ["x example.com"]`, "no pattern of a host name"},
		{"include with an empty label", ", includes: [a..example]", "no pattern of a host name"},
		{"include with its mechanism", `, includes: ["include:a.example"]`, "no pattern of a host name"},
		{"value twice", ", mx: [a.example, a.example]", "twice"},
		{"word outside the list", ", dkim: maybe", "none of txt"},
		{"link without TLS", ", docs: [http://example.com/]", "no https link"},
		{"wildcard in a reverse name", `, rdns: ["*.example.com"]`, "no host name"},
		{"unverified of nothing", ", unverified: [includez]", "neither a field nor a value"},
		{"pick without a choice", ", pick: one, includes: [a.example]", "fewer than two"},
		{"runs on itself", ", runs_on: a", "no other service"},
		{"runs on nobody", ", runs_on: b", "no other service"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			_, err := Generate([]byte(strings.Replace(good, "%s", tc.more, 1)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
	one := strings.Replace(good, "%s", "", 1)
	for _, tc := range []struct{ rule, text, want string }{
		{"no services", "services: []\n", "none"},
		{"id twice", one + strings.TrimPrefix(one, "services:\n"), "id used twice"},
		{"bogus host of nobody", "bogus: [{host: x.example, service: b}]\n" + one, `no service "b"`},
		{"include known not to exist", "bogus: [{host: x.example}]\n" + strings.Replace(good, "%s", ", includes: [x.example]", 1), "does not exist"},
		{"not YAML", "services: [", "reading the catalogue"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if _, err := Generate([]byte(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}
