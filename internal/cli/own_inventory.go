package cli

import (
	"fmt"
	"io"
	"os"

	"unspoof/inventory"
)

// maxInventory is how long an inventory may be, as package inventory reads it.
const maxInventory = 32 << 20

// inventoryFlag describes --inventory, wherever it stands.
const inventoryFlag = "who sends, from this `FILE` that unspoof inventory --json wrote; - is standard\ninput"

// ownInventory reads the inventory that --inventory names; "" is none, - is
// standard input.
func (p *program) ownInventory(file string) (*inventory.Inventory, error) {
	if file == "" {
		return nil, nil
	}
	const hint = "make one: unspoof inventory example.com --json > senders.json"
	in := p.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usage("--inventory: "+unread(file, err), hint)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInventory+1))
	switch {
	case err != nil:
		return nil, usage("--inventory: "+unread(file, err), hint)
	case len(data) > maxInventory:
		return nil, usage(fmt.Sprintf("--inventory: %s is over %d MiB", file, maxInventory>>20), hint)
	}
	list, err := inventory.Parse(data)
	if err != nil {
		return nil, usage("--inventory: "+origin.ReplaceAllString(err.Error(), ""), hint)
	}
	return &list, nil
}

// sameDomain refuses an inventory of another domain.
func sameDomain(list *inventory.Inventory, domain string) error {
	if list == nil || list.Domain == domain {
		return nil
	}
	return usage(fmt.Sprintf("--inventory is of %s, not of %s", list.Domain, domain), "give the inventory of the same domain")
}
