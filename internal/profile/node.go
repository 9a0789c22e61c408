package profile

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/forensics"
)

// field reads the value of one key.
type field func(n *yaml.Node) error

// errorAt never gets a value of the file, only its place and what is wanted.
func errorAt(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", n.Line, fmt.Sprintf(format, args...))
}

// object reads a mapping whose keys are all known. what names it for people.
func object(n *yaml.Node, what string, fields map[string]field) error {
	if n.Kind != yaml.MappingNode {
		return errorAt(n, "%s must be a list of \"key: value\"", what)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		read, known := fields[k.Value]
		switch {
		case k.Kind != yaml.ScalarNode:
			return errorAt(k, "%s: a key must be a plain word", what)
		case !known:
			return errorAt(k, "%s: %s", what, unknownKey(k.Value, fields))
		case seen[k.Value]:
			return errorAt(k, "%s: %q stands here a second time", what, k.Value)
		}
		seen[k.Value] = true
		if isNull(v) {
			continue // "key:" with nothing behind it is the same as no key
		}
		if err := read(v); err != nil {
			return fmt.Errorf("%w (key %q)", err, k.Value)
		}
	}
	return nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// list reads a sequence; a single value counts as a list of one.
func list[T any](dst *[]T, one func(n *yaml.Node, dst *T) error) field {
	return func(n *yaml.Node) error {
		items := n.Content
		switch n.Kind {
		case yaml.SequenceNode:
		case yaml.ScalarNode:
			items = []*yaml.Node{n}
		default:
			return errorAt(n, "must be a list")
		}
		*dst = make([]T, len(items))
		for i, item := range items {
			if err := one(item, &(*dst)[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// as turns a reader of one value into the field that stores it in dst.
func as[T any](dst *T, one func(n *yaml.Node, dst *T) error) field {
	return func(n *yaml.Node) error { return one(n, dst) }
}

func text(n *yaml.Node, dst *string) error {
	if n.Kind == yaml.AliasNode {
		return errorAt(n, "aliases (*name) are not supported here; write the value, or put it in quotes")
	}
	if n.Kind != yaml.ScalarNode {
		return errorAt(n, "must be one value")
	}
	*dst = n.Value
	return nil
}

func lower(n *yaml.Node, dst *string) error {
	if err := text(n, dst); err != nil {
		return err
	}
	*dst = strings.ToLower(*dst)
	return nil
}

// domain reads a host or domain name, lower case, without the final dot.
func domain(n *yaml.Node, dst *string) error {
	if err := lower(n, dst); err != nil {
		return err
	}
	name := strings.TrimSuffix(*dst, ".")
	if name == "" || len(name) > 253 || strings.ContainsAny(name, " \t\r\n@/:\"'<>,;") || strings.Contains(name, "..") || name[0] == '.' {
		return errorAt(n, "not a name; write it like mail.example.com")
	}
	*dst = name
	return nil
}

func truth(n *yaml.Node, dst *bool) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		return errorAt(n, "must be true or false")
	}
	*dst = v
	return nil
}

func number(n *yaml.Node, dst *int) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 {
		return errorAt(n, "must be a whole number, 0 or more")
	}
	*dst = v
	return nil
}

// moment reads a time of RFC 3339.
func moment(n *yaml.Node, dst *time.Time) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errorAt(n, "not a time; write it like 2024-05-20T13:00:00Z (RFC 3339)")
	}
	*dst = t
	return nil
}

// address reads an IP address; an empty value means "not recorded".
func address(n *yaml.Node, dst *netip.Addr) error {
	var s string
	if err := text(n, &s); err != nil || s == "" {
		return err
	}
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" {
		return errorAt(n, "not an IP address; write it like 192.0.2.10 or 2001:db8::10")
	}
	*dst = ip.Unmap()
	return nil
}

// prefix reads a network; a single address is a network of one.
func prefix(n *yaml.Node, dst *netip.Prefix) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		*dst = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		return nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return errorAt(n, "not a network; write it like 192.0.2.0/24 or 2001:db8::/48")
	}
	*dst = p.Masked()
	return nil
}

// secret reads bytes given as hexadecimal digits, and repeats none of them.
func secret(n *yaml.Node, dst *forensics.Secret) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		return errorAt(n, "must be hexadecimal digits, an even number of them")
	}
	*dst = b
	return nil
}

// names reads a mapping of word to word.
func names(dst *map[string]string) field {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.MappingNode {
			return errorAt(n, "must be a list of \"alias: target\"")
		}
		*dst = make(map[string]string, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			var from, to string
			if err := lower(n.Content[i], &from); err != nil {
				return err
			}
			if err := text(n.Content[i+1], &to); err != nil {
				return err
			}
			if _, twice := (*dst)[from]; twice {
				return errorAt(n.Content[i], "this alias stands here a second time")
			}
			(*dst)[from] = to
		}
		return nil
	}
}
