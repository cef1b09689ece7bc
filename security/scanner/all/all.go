// Package all lists all gates.
package all

import (
	"slices"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/suppressions"
	"example.com/rates/security/scanner/unread"
)

//go:generate go run ./generate

// Gates returns the scanners of all gates in the order of these names, which
// are those of the policy; gates that it does not name come last.
func Gates(order []string) []scanner.Scanner {
	gates := found()
	gates = append(gates, unread.New(gates))
	gates = append(gates, suppressions.New(gates))
	slices.SortStableFunc(gates, func(a, b scanner.Scanner) int { return place(order, a) - place(order, b) })
	return gates
}

func place(order []string, s scanner.Scanner) int {
	if at := slices.Index(order, s.Name()); at >= 0 {
		return at
	}
	return len(order)
}

// Names returns the names of all gates.
func Names() []string {
	var names []string
	for _, s := range Gates(nil) {
		names = append(names, s.Name())
	}
	return names
}
