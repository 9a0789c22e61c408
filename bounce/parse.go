package bounce

import "unspoof/message"

// Parse reads one message and says what it is and what it returns. It never
// fails and never gives nil; data must stay unchanged while the notice is used.
func Parse(data []byte) *Notice {
	p, warns := message.ParsePart(data)
	n := &Notice{Kind: Ordinary, Header: p.Header, Warnings: warns}
	n.Original.Returned = ReturnedNone
	n.Subject = message.DecodeWords(p.Header.Value("Subject"))
	for _, f := range p.Header.All("Received") {
		n.Hops = append(n.Hops, message.ParseReceived(f))
	}
	return n
}
