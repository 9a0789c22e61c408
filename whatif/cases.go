package whatif

// cases are the fates of one message at one receiver, in every case that what is
// known of it leaves open.
type cases struct {
	mildest, worst Fate
	unknown        bool
}

func (c *cases) add(f Fate) {
	switch {
	case !f.Known():
		c.unknown = true
	case c.mildest == "":
		c.mildest, c.worst = f, f
	default:
		if c.mildest.Harsher(f) {
			c.mildest = f
		}
		if f.Harsher(c.worst) {
			c.worst = f
		}
	}
}

// fate is the one of all cases, Unknown where they differ.
func (c cases) fate() Fate {
	if c.unknown || c.mildest != c.worst || c.mildest == "" {
		return Unknown
	}
	return c.mildest
}

// ends gives the mildest and the worst fate; where DNS left one open, it may be
// any.
func (c cases) ends() (mildest, worst Fate) {
	if c.unknown || c.mildest == "" {
		return Accepted, Refused
	}
	return c.mildest, c.worst
}

// risks reports that the message may be treated more harshly than before, but not
// surely is.
func (c cases) risks(before cases) bool {
	if c.fate().Known() && before.fate().Known() {
		return false
	}
	mildest, worst := c.ends()
	mild, bad := before.ends()
	return mildest.Harsher(mild) || worst.Harsher(bad)
}
