// Package rates does not compile.
package rates

// Count is no number.
func Count() int { return "three" }
