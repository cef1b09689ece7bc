// Package planted holds known vulnerabilities, about which the gates ask a database
// before they believe it. They are of several years and of packages that are not
// related, so that a database that was cut down or is old lacks some of them.
package planted

import "slices"

// Vulnerability is a known vulnerability in a version of a package.
type Vulnerability struct {
	Ecosystem string // go, pip, npm or cargo
	Package   string
	Version   string
	CVE       string
	Go        string // its name in the Go vulnerability database, "" for other ecosystems
}

var known = []Vulnerability{
	{"go", "stdlib", "go1.16", "CVE-2022-24921", "GO-2021-0347"},
	{"go", "stdlib", "go1.16", "CVE-2022-41717", "GO-2022-1144"},
	{"go", "stdlib", "go1.16", "CVE-2023-39326", "GO-2023-2382"},
	{"go", "stdlib", "go1.16", "CVE-2024-34156", "GO-2024-3106"},
	{"go", "stdlib", "go1.16", "CVE-2025-61729", "GO-2025-4155"},
	{"go", "stdlib", "go1.16", "CVE-2026-56860", "GO-2026-6218"},
	{"go", "golang.org/x/text", "v0.3.5", "CVE-2021-38561", "GO-2021-0113"},
	{"go", "golang.org/x/text", "v0.3.5", "CVE-2022-32149", "GO-2022-1059"},
	{"go", "golang.org/x/net", "v0.16.0", "CVE-2023-39325", "GO-2023-2102"},
	{"go", "golang.org/x/net", "v0.16.0", "CVE-2024-45338", "GO-2024-3333"},
	{"go", "golang.org/x/net", "v0.16.0", "CVE-2025-22870", "GO-2025-3503"},
	{"go", "github.com/golang-jwt/jwt/v5", "v5.2.1", "CVE-2025-30204", "GO-2025-3553"},
	{"go", "github.com/jackc/pgx/v5", "v5.5.0", "CVE-2024-27304", "GO-2024-2606"},
	{"go", "github.com/jackc/pgx/v5", "v5.5.0", "CVE-2026-41889", "GO-2026-5004"},
	{"go", "google.golang.org/grpc", "v1.64.1", "CVE-2026-33186", "GO-2026-4762"},
	{"pip", "urllib3", "1.26.4", "CVE-2021-33503", ""},
	{"pip", "requests", "2.30.0", "CVE-2023-32681", ""},
	{"pip", "jinja2", "3.1.2", "CVE-2024-22195", ""},
	{"pip", "setuptools", "69.0.0", "CVE-2024-6345", ""},
	{"pip", "setuptools", "69.0.0", "CVE-2025-47273", ""},
	{"npm", "lodash", "4.17.20", "CVE-2021-23337", ""},
	{"npm", "minimist", "1.2.5", "CVE-2021-44906", ""},
	{"cargo", "smallvec", "1.6.0", "CVE-2021-25900", ""},
	{"cargo", "time", "0.1.43", "CVE-2020-26235", ""},
}

// In returns the vulnerabilities of an ecosystem.
func In(ecosystem string) []Vulnerability {
	return slices.DeleteFunc(slices.Clone(known), func(v Vulnerability) bool { return v.Ecosystem != ecosystem })
}

// All returns all vulnerabilities.
func All() []Vulnerability { return slices.Clone(known) }

// ForCanary returns the vulnerabilities that the canaries of the gates have. A database
// that knows only these finds the canaries, and nothing else.
func ForCanary() []Vulnerability {
	return slices.DeleteFunc(All(), func(v Vulnerability) bool { return v.Package != "golang.org/x/text" })
}
