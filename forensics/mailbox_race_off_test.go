//go:build !race

package forensics

const raceDetector = false
