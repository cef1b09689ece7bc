package rates

import "strings"

// Port is a port, known by its UN/LOCODE code.
type Port struct {
	Code   string // five characters, upper case, for example "CNGGZ"
	Name   string
	Parent string // slug of its region
}

// Region is a group of ports and of other regions.
type Region struct {
	Slug   string // lower case, for example "northern_europe"
	Name   string
	Parent string // slug of the region above; "" for a topmost region
}

// Price is what one container cost between two ports on one day.
type Price struct {
	Origin, Destination string // port codes
	Day                 Day
	USD                 int32 // whole dollars, never negative
}

// Place names a port by its code or a region by its slug, in upper case. Ports
// and regions share one namespace, so a Place means at most one of them.
type Place string

// maxPlace is the longest port code or region slug that can be stored.
const maxPlace = 63

// ParsePlace parses a port code or region slug in any letter case. It does not
// check that the place exists; only a Store knows.
func ParsePlace(s string) (Place, bool) {
	if len(s) < 2 || len(s) > maxPlace {
		return "", false
	}
	for _, c := range []byte(s) {
		if !isLower(c) && !isUpper(c) && !isDigit(c) && c != '_' && c != '-' {
			return "", false
		}
	}
	return Place(strings.ToUpper(s)), true
}

// IsPortCode reports whether s has the form of a UN/LOCODE: two letters of a
// country, then three of A-Z or 2-9 (UNECE Recommendation 16), in upper case.
func IsPortCode(s string) bool {
	if len(s) != 5 {
		return false
	}
	for i, c := range []byte(s) {
		if !isUpper(c) && (i < 2 || c < '2' || c > '9') {
			return false
		}
	}
	return true
}

// IsSlug reports whether s can be the slug of a region: a lower-case letter,
// then lower-case letters, digits, '_' and '-', 2 to 63 characters in all.
func IsSlug(s string) bool {
	if len(s) < 2 || len(s) > maxPlace || !isLower(s[0]) {
		return false
	}
	for _, c := range []byte(s) {
		if !isLower(c) && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
