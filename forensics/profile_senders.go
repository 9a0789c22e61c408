package forensics

// Senders names what the profile knows to send for its owner, each once:
// services, hosts by name or else by address, and networks. It is what the owner
// is asked about: "is this all that sends for you?"
func (p *Profile) Senders() []string {
	var names []string
	seen := map[string]bool{"": true}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, s := range p.Services {
		add(s.Name)
	}
	for _, h := range p.OwnHosts {
		switch {
		case h.Name != "" && h.IP.IsValid():
			add(h.Name + " (" + h.IP.String() + ")")
		case h.Name != "":
			add(h.Name)
		case h.IP.IsValid():
			add(h.IP.String())
		}
	}
	for _, r := range p.OwnRanges {
		if r.IsSingleIP() {
			add(r.Addr().String())
		} else {
			add(r.String())
		}
	}
	return names
}
