package chart

import (
	"crypto/sha256"
	"encoding/base64"
)

// StyleSource returns the source expression that allows the style element of a
// document in a Content-Security-Policy: its hash, in quotes.
func StyleSource() string {
	sum := sha256.Sum256([]byte(CSS))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
