//go:build race

package importer_test

// raced tells that the race detector is on, which makes a program several
// times slower.
const raced = true
