package orgdomain_test

import (
	"fmt"

	"unspoof/orgdomain"
)

func ExampleOfPSL() {
	fmt.Println(orgdomain.OfPSL("news.mail.example.co.uk"))
	// Output: example.co.uk
}

func ExampleSameOrg() {
	fmt.Println(orgdomain.SameOrg("bounce.example.com", "example.com"))
	fmt.Println(orgdomain.SameOrg("example.co.uk", "example.org.uk"))
	// Output:
	// true
	// false
}
