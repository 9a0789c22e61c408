package dkim

// makeIndex chains the fields of each name.
func (h *Header) makeIndex() {
	if h.slots != nil {
		return
	}
	h.slots, h.groups = h.someSlots[:], h.someGroups[:0]
	if size := len(h.slots); len(h.fields) > cap(h.groups) {
		for size < 2*len(h.fields) {
			size *= 2
		}
		h.slots = make([]int32, size)
		h.groups = make([]fieldGroup, 0, len(h.fields))
	}
	for i := range h.slots {
		h.slots[i] = -1
	}
	for i := range h.fields {
		slot := h.slot(h.Name(i))
		g := h.slots[slot]
		if g < 0 {
			h.slots[slot] = int32(len(h.groups))
			h.groups = append(h.groups, fieldGroup{last: int32(i)})
			continue
		}
		h.fields[i].above = h.groups[g].last
		h.groups[g].last = int32(i)
	}
}

// slot gives the place of a name in the hash table, or the free one where it
// would stand.
func (h *Header) slot(name []byte) int {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	sum := uint32(offset)
	for _, c := range name {
		sum = (sum ^ uint32(lower(c))) * prime
	}
	mask := len(h.slots) - 1
	for i := int(sum) & mask; ; i = (i + 1) & mask {
		g := h.slots[i]
		if g < 0 || sameName(h.Name(int(h.groups[g].last)), name) {
			return i
		}
	}
}

func sameName(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i, c := range a {
		if lower(c) != lower(b[i]) {
			return false
		}
	}
	return true
}

// startSelection makes take begin anew: of each name the lowest field comes first,
// then those above (RFC 6376 section 5.4.2).
func (h *Header) startSelection() {
	h.makeIndex()
	for i := range h.groups {
		h.groups[i].next = h.groups[i].last
	}
}

// take gives the next field of that name, -1 where no more is there. The field
// skip, the signature that is being checked, is never taken: it can't cover its
// own value.
func (h *Header) take(name string, skip int) int {
	var buf [64]byte
	g := h.slots[h.slot(append(buf[:0], name...))]
	if g < 0 {
		return -1
	}
	i := h.groups[g].next
	if i >= 0 && int(i) == skip {
		i = h.fields[i].above
	}
	if i >= 0 {
		h.groups[g].next = h.fields[i].above
	}
	return int(i)
}

// left gives how many fields of that name have not been taken.
func (h *Header) left(name string, skip int) int {
	var buf [64]byte
	g := h.slots[h.slot(append(buf[:0], name...))]
	if g < 0 {
		return 0
	}
	n := 0
	for i := h.groups[g].next; i >= 0; i = h.fields[i].above {
		if int(i) != skip {
			n++
		}
	}
	return n
}
