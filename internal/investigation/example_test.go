package investigation_test

import (
	"context"
	"fmt"

	"unspoof/internal/investigation"
)

func ExampleRun() {
	res, err := investigation.Run(context.Background(), investigation.Args{
		Source:  source(3), // intake.Messages in earnest
		Profile: owner(),
		Each: func(m investigation.Message) error {
			fmt.Println(m.File, m.Notice.Kind, m.Judgement.Verdict)
			return nil
		},
	})
	fmt.Println(res.Mailbox.Read, err)
	// Output:
	// m-0 ordinary unknown
	// m-1 ordinary unknown
	// m-2 ordinary unknown
	// 3 <nil>
}
