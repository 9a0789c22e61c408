package bounce

// phraseTable holds what notices, automatic answers and lures say, by topic, in
// lower case, one phrase a line. Each is matched at the start of a word and may
// end inside one. Programs write these sentences, so that a phrase is a fact
// about a program's language, not a guess about style. The languages are in
// [failedPhrases] and its neighbours.
var phraseTable = []struct {
	topic   topic
	phrases string
}{
	{failed, failedPhrases},
	{failed | final, finalPhrases},
	{delayed, delayedPhrases},
	{delayWord, delayWords},
	{away, awayPhrases},
	{held, heldPhrases},
	{confirm, confirmPhrases},
	{lure, lurePhrases},
	{forward, forwardPhrases},
	{admin, adminPhrases},
}
