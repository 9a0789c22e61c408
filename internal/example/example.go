// Package example is a whole case without anybody's mail: the mailbox of
// Harbour Bakery, whose name somebody writes on phishing mail, with what the
// bakery knows of its own mail and an offline DNS.
//
// Everything in it is made up, under reserved names and addresses. It is the
// same at every call, so that what unspoof says about it can be tested.
package example

import (
	_ "embed"
	"time"
)

// Domain is whose mail it is about.
const Domain = "harbour.example"

// Name is what the mailbox is called where a file name is shown.
const Name = "harbour-bakery.mbox"

// Now is the evening on which the owner looks at the mailbox: the time to judge
// it at, so that rates don't thin out as the years go by.
var Now = time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)

//go:embed profile.yaml
var profile []byte

//go:embed harbour.zone
var zone []byte

// Profile is the profile file of the bakery.
func Profile() []byte { return profile }

// DNS is a zone file with every answer that the case needs.
func DNS() []byte { return zone }
