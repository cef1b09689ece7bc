//go:build race

package httpapi

// raced reports whether the race detector is on. It makes a program several times
// slower.
const raced = true
