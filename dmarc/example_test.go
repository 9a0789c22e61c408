package dmarc_test

import (
	"fmt"

	"unspoof/dmarc"
)

func ExampleParse() {
	r, err := dmarc.Parse("v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, tag, _ := r.For(dmarc.Below)
	fmt.Printf("mail from subdomains: %s, by %s\n", p, tag)
	for _, n := range r.Notes {
		fmt.Println(n.Code+":", n.Text)
	}
	// Output:
	// mail from subdomains: none, by sp
	// sp-weaker: subdomains are protected less (none) than the domain (reject)
}
