package bounce

import "strings"

// enhancedAt gives the length of an enhanced status code (RFC 3463: class,
// subject, detail) that stands alone at s[i:], 0 when there is none.
func enhancedAt(s string, i int) int {
	if c := s[i]; c != '5' && c != '4' && c != '2' {
		return 0
	}
	if i > 0 && (isAlnum(s[i-1]) || s[i-1] == '.') {
		return 0
	}
	n := i + 1
	for part := 0; part < 2; part++ {
		if n >= len(s) || s[n] != '.' {
			return 0
		}
		start := n + 1
		n = start
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		// Subjects have one digit (RFC 3463 section 3), which tells codes from
		// versions and addresses.
		if d := n - start; d == 0 || d > 3 || part == 0 && d > 1 || d > 1 && s[start] == '0' {
			return 0
		}
	}
	if n < len(s) && (isAlnum(s[n]) || s[n] == '-' && n+1 < len(s) && isAlnum(s[n+1])) {
		return 0
	}
	if n+1 < len(s) && s[n] == '.' && s[n+1] >= '0' && s[n+1] <= '9' { // an IP address
		return 0
	}
	return n - i
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// isReply tells whether an SMTP reply of class 4 or 5 (RFC 5321 section 4.2)
// stands at s[i:i+3].
func isReply(s string, i int) bool {
	if i+3 > len(s) || s[i] != '5' && s[i] != '4' || s[i+1] < '0' || s[i+1] > '9' || s[i+2] < '0' || s[i+2] > '9' {
		return false
	}
	if i > 0 && (isAlnum(s[i-1]) || strings.IndexByte(".-_@+/=", s[i-1]) >= 0 && !(s[i-1] == '-' && i > 1 && s[i-2] == '-')) {
		return false
	}
	if s[i+1] > '7' { // replies end at 57x; 48x and 59x are other numbers
		return false
	}
	return i+3 == len(s) || strings.IndexByte(" -:\t\r\n,;)]'\"", s[i+3]) >= 0
}

// codes are what one line of text says in numbers.
type codes struct {
	reply    int
	enhanced string
	at       int // offset of the first of them
	after    int // offset behind the last
}

// codesIn finds the first SMTP reply and the first enhanced code in a line. An
// enhanced code alone counts only where something says that it is one: a version
// ("Exim 4.80.1") looks the same.
func codesIn(line string) (c codes, ok bool) {
	c.at = -1
	for i := 0; i < len(line); i++ {
		ch := line[i]
		if ch < '2' || ch > '5' || ch == '3' {
			continue
		}
		if c.reply == 0 && isReply(line, i) && plausibleReply(line, i) {
			c.reply = int(line[i]-'0')*100 + int(line[i+1]-'0')*10 + int(line[i+2]-'0')
			if c.at < 0 {
				c.at = i
			}
			i += 2
			c.after = i + 1
			continue
		}
		if c.enhanced == "" {
			if n := enhancedAt(line, i); n > 0 && (c.reply != 0 || saysCode(line[:i])) {
				if ch == '2' {
					i += n - 1
					continue
				}
				c.enhanced = line[i : i+n]
				if c.at < 0 {
					c.at = i
				}
				i += n - 1
				c.after = i + 1
				if c.reply == 0 {
				}
			}
		}
		if c.reply != 0 && c.enhanced != "" {
			break
		}
	}
	return c, c.at >= 0
}

// plausibleReply tells a reply from any other number of three digits: it starts
// the line or a quotation, stands behind a colon, arrow or word that introduces
// one, or an enhanced code follows.
func plausibleReply(line string, i int) bool {
	before := strings.TrimRight(line[:i], " \t")
	if before == "" {
		return true
	}
	if rest := strings.TrimLeft(line[i+3:], " -"); rest != "" && enhancedAt(rest, 0) > 0 {
		return true
	}
	switch before[len(before)-1] {
	case ':', ';', '<', '>', '\'', '"', '(', '[', '#', '-', ']', '=':
		return true
	}
	word := before[strings.LastIndexAny(before, " \t(")+1:]
	switch strings.ToLower(word) {
	case "code", "error", "smtp", "status", "said", "was", "reply", "response", "returned", "with", "dsn", "reason", "errorcode", "esmtp":
		return true
	}
	// "554 554 5.7.1": the reply of a proxy before that of the server.
	return len(word) == 3 && isReply(word, 0)
}

// saysCode tells whether what stands before an enhanced code says that it is
// one.
func saysCode(before string) bool {
	before = strings.TrimRight(before, " \t")
	if before == "" {
		return true
	}
	switch before[len(before)-1] {
	case '#', '(', '[', ':', ';', '\'', '"', '-', '>', '<', '=':
		return true
	}
	word := before[strings.LastIndexAny(before, " \t(#")+1:]
	switch strings.ToLower(word) {
	case "code", "status", "error", "dsn", "smtp", "errors", "codes", "was", "reason", "with":
		return true
	}
	return isReply(word, 0)
}
