package orgdomain

import "strings"

// Tidy gives a name as [Name] does, "" for what is none: for names of strangers,
// where what is wrong with them does not matter.
func Tidy(name string) string {
	if name == "" {
		return ""
	}
	n, err := Name(name)
	if err != nil {
		return ""
	}
	return n
}

// Below reports whether name is domain, or lies below it. Both are as Name gives
// them; nothing lies below "".
func Below(domain, name string) bool {
	return domain != "" && (name == domain || strings.HasSuffix(name, "."+domain))
}
