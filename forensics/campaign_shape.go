package forensics

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"unspoof/bounce"
)

const (
	// maxShapeHosts bounds the link hosts by which a message is grouped.
	maxShapeHosts = 4
	// maxShapeLinks bounds the links kept of one shape, and listed of a campaign.
	maxShapeLinks = 10
	// shapeCost is what a shape costs besides its texts: the struct, its place in
	// a chunk, and its share of the map.
	shapeCost = 300
)

// shape is what originals of one make have in common: their normalised subject,
// display name and link hosts. It holds what is shown of the first of them.
type shape struct {
	subject, from, excerpt string
	links                  []string
	brands                 [maxBrands]uint8 // index in brands + 1
	subjectKey, fromKey    uint64           // 0: there is none
	hosts                  [maxShapeHosts]uint64
	telling                bool // the subject alone tells it from most others
	script                 int8
}

// shapeTable numbers shapes from 1, as long as there is room.
type shapeTable struct {
	seed    maphash.Seed
	numbers map[uint64]uint32
	list    chunks[shape]
	used    int
	missed  int
}

func newShapeTable(seed maphash.Seed) shapeTable {
	return shapeTable{seed: seed, numbers: map[uint64]uint32{}}
}

// hasRoom keeps a quarter of the room for messages sent from inside: a flood of
// forged ones must not hide them.
func (t *shapeTable) hasRoom(cost, messages, verdict int) bool {
	room := shapeRoom + shapeAllowance*messages
	if verdict != compromisedVerdict {
		room -= room / 4
	}
	return t.used+cost <= room
}

func (t *shapeTable) shape(n uint32) *shape { return t.list.at(n - 1) }

// shapeOf gives the number of the original's shape, 0 when it has none or there
// is no room, and the script that it is written in, or -1.
func (m *Mailbox) shapeOf(n *bounce.Notice, display, address, sender string, verdict int) (uint32, int) {
	o := &n.Original
	t := &m.shapes
	s := shape{}
	if strings.EqualFold(display, address) {
		display = ""
	}
	s.subjectKey, s.telling = t.subjectKey(o.Subject, sender, n.Recipients)
	s.fromKey, _ = t.subjectKey(display, sender, nil)
	found := findLinks(o.Text)
	hosts := m.linkHosts(found)
	for i, h := range hosts[:min(len(hosts), maxShapeHosts)] {
		s.hosts[i] = maphash.String(t.seed, h)
	}
	if s.subjectKey == 0 && s.fromKey == 0 && s.hosts[0] == 0 {
		return 0, scriptOf(o.Text)
	}
	key := maphash.Comparable(t.seed, [3]uint64{s.subjectKey, s.fromKey, maphash.Comparable(t.seed, s.hosts)})
	if number, ok := t.numbers[key]; ok {
		return number, int(t.shape(number).script)
	}
	script := scriptOf(shorten(o.Subject, maxSubjectText) + " " + shorten(o.Text, maxScriptText))
	if !t.hasRoom(shapeCost, m.rows.len(), verdict) {
		t.missed++
		return 0, script
	}
	s.script = int8(script)
	s.subject = plainText(o.Subject, maxSubjectText)
	s.from = plainText(display, maxNameText)
	if t.hasRoom(shapeCost+maxSubjectText+maxNameText+maxExcerptText+maxShapeLinks*maxLinkText, m.rows.len(), verdict) {
		s.excerpt = excerpt(o.Text)
		for _, l := range found[:min(len(found), maxShapeLinks)] {
			s.links = append(s.links, l.defanged())
		}
	}
	if _, domain, ok := strings.Cut(address, "@"); ok {
		hosts = append(hosts, domain)
	}
	for i, b := range m.brands.find(display, o.Subject, o.Text, hosts) {
		s.brands[i] = uint8(b + 1)
	}
	t.used += s.cost()
	number := t.list.add(s) + 1
	t.numbers[key] = number
	return number, script
}

func (s *shape) cost() int {
	n := shapeCost + len(s.subject) + len(s.from) + len(s.excerpt)
	for _, l := range s.links {
		n += len(l) + 16
	}
	return n
}

// linkHosts gives the hosts that tell something about the sender, sorted, each
// once.
func (m *Mailbox) linkHosts(links []link) []string {
	var out []string
	for _, l := range links {
		if !isUnder(l.host, everywhere) && !isUnder(l.host, m.own) && !slices.Contains(out, l.host) {
			out = append(out, l.host)
		}
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// replyMarks stand before a subject without changing it.
var replyMarks = wordSet("re fw fwd aw wg sv vs antw tr rv res enc")

const (
	// maxSubjectKey bounds what is read of a subject for grouping.
	maxSubjectKey = 512
	// tellingLetters is how many letters make a subject that two senders hardly
	// choose by chance, together with at least two words.
	tellingLetters = 10
)

// subjectKey gives a number for the normalised form of a subject or name, 0 if
// nothing is left of it: reply marks, case, accents and punctuation off; words
// with digits, the sender's own name and the recipient's made one sign each,
// because they rotate.
func (t *shapeTable) subjectKey(s, sender string, recipients []string) (key uint64, telling bool) {
	var h maphash.Hash
	h.SetSeed(t.seed)
	words, letters := 0, 0
	for _, w := range strings.FieldsFunc(foldText(shorten(s, maxSubjectKey)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch {
		case words == 0 && replyMarks[w]:
			continue
		case strings.ContainsFunc(w, unicode.IsDigit):
			w = "#"
		case sender != "" && w == localPart(sender):
			w = "@"
		case len(recipients) > 0 && w == localPart(strings.ToLower(recipients[0])):
			w = "@"
		default:
			letters += len(w)
		}
		words++
		h.WriteString(w)
		h.WriteByte(' ')
	}
	if words == 0 {
		return 0, false
	}
	return max(1, h.Sum64()), words >= 2 && letters >= tellingLetters
}
