package forensics

import (
	"encoding/json"
	"math"
)

// MarshalJSON writes an infinite RRUpper, which JSON has no word for, as -1.
func (r RateTest) MarshalJSON() ([]byte, error) {
	type fields RateTest
	f := fields(r)
	if math.IsInf(f.RRUpper, 1) {
		f.RRUpper = -1
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *RateTest) UnmarshalJSON(b []byte) error {
	type fields RateTest
	var f fields
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	if f.RRUpper < 0 {
		f.RRUpper = math.Inf(1)
	}
	*r = RateTest(f)
	return nil
}
