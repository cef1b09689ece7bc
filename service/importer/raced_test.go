//go:build race

package importer_test

// raced reports whether the race detector is on. It makes a program several times
// slower.
const raced = true
