package govulncheck

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gofiles"
	"example.com/rates/security/tree"
)

// vulnerabilities are those of all runs, one entry for each of the repository's
// modules.
type vulnerabilities []*vulnerability

// vulnerability is a known defect of a module that the repository requires.
type vulnerability struct {
	osvEntry
	file     string // the go.mod of our module
	module   string // with the defect
	version  string
	fixed    string // "" if no version is
	depth    finding.Severity
	calls    []string // places in our code, with what they reach
	programs []string // that its code is part of
}

// The depths at which govulncheck knows a vulnerability, as severities: most advisories
// have none of their own.
const (
	required = finding.Info // the module is, the package with the defect is not imported
	imported = finding.Low  // the package is, the defect is not called
	called   = finding.High // the defect can be reached
)

// add adds the report on one of the repository's modules, or on one of its
// programs.
func (v *vulnerabilities) add(r report, module gofiles.Module, program string) {
	for _, found := range r.findings {
		defect := found.Trace[0]
		one := v.of(r.osvs[found.OSV], path.Join(module.Folder, "go.mod"), defect)
		one.fixed = cmp.Or(one.fixed, found.Fixed)
		switch {
		case defect.Function == "" && defect.Package == "":
			one.depth = max(one.depth, required)
		case defect.Function == "":
			one.depth = max(one.depth, imported)
		case program != "":
			one.depth = called
			one.programs = appendNew(one.programs, program)
		default:
			one.depth = called
			one.calls = appendNew(one.calls, callOf(found.Trace, module))
		}
	}
}

func appendNew(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// of returns the entry of a vulnerability, and makes it if necessary.
func (v *vulnerabilities) of(osv osvEntry, file string, defect frame) *vulnerability {
	for _, one := range *v {
		if one.ID == osv.ID && one.file == file && one.module == defect.Module {
			return one
		}
	}
	version := defect.Version
	if number, ok := strings.CutPrefix(version, "go"); ok {
		version = "v" + number // which is how the source scan writes it
	}
	one := &vulnerability{osvEntry: osv, file: file, module: defect.Module, version: version}
	*v = append(*v, one)
	return one
}

// callOf says which line of the module leads to the defect, and by what name.
func callOf(trace []frame, module gofiles.Module) string {
	name := trace[0].Package + "." + trace[0].Function
	if trace[0].Receiver != "" {
		name = fmt.Sprintf("%s.%s.%s", trace[0].Package, strings.TrimPrefix(trace[0].Receiver, "*"), trace[0].Function)
	}
	for _, step := range trace[1:] {
		if step.Module == module.Path && step.Position != nil && step.Position.Line > 0 {
			return fmt.Sprintf("%s:%d (%s)", path.Join(module.Folder, step.Position.Filename), step.Position.Line, name)
		}
	}
	return name
}

// findings returns the vulnerabilities. Each is placed in the go.mod that
// requires the vulnerable module, where other gates find it too.
func (v vulnerabilities) findings(t tree.Tree) []finding.Finding {
	var found []finding.Finding
	for _, one := range v {
		found = append(found, finding.Finding{
			Rule: one.ID, Aliases: one.Aliases, Severity: one.severity(), Message: one.message(), Help: one.help(),
			URL: cmp.Or(one.Specific.URL, "https://pkg.go.dev/vuln/"+one.ID), File: one.file, Line: one.line(scanner.LinesOf(t, one.file)),
			Package: one.module, Version: one.version, Fixed: one.fixed,
		})
	}
	finding.Sort(found)
	return found
}

// severity is that of the depth. What is called is worse if its advisory says so.
func (v *vulnerability) severity() finding.Severity {
	worst := v.depth
	if v.depth < called {
		return worst
	}
	for _, s := range v.Severity {
		worst = max(worst, finding.SeverityOfVector(s.Score))
	}
	return worst
}

func (v *vulnerability) message() string {
	text := fmt.Sprintf("%s %s has a known vulnerability: %s.", v.module, v.version, cmp.Or(strings.TrimSuffix(v.Summary, "."), v.ID))
	slices.Sort(v.calls)
	switch {
	case len(v.calls) > 1:
		return fmt.Sprintf("%s It is reached from %s, and from %d more places.", text, v.calls[0], len(v.calls)-1)
	case len(v.calls) == 1:
		return fmt.Sprintf("%s It is reached from %s.", text, v.calls[0])
	case len(v.programs) > 0:
		return fmt.Sprintf("%s Its code is part of the program %s.", text, strings.Join(v.programs, ", "))
	case v.depth == imported:
		return text + " The package is imported, but no examined code calls its vulnerable parts."
	default:
		return text + " Nothing imports the package."
	}
}

func (v *vulnerability) help() string {
	switch {
	case v.fixed == "":
		return "No version without the defect is known. Do without the package, or write a waiver that says why the defect does not matter here."
	case v.module == stdlib:
		return fmt.Sprintf("Build with Go %s or later.", strings.TrimPrefix(v.fixed, "v"))
	default:
		return fmt.Sprintf("Run: go get %s@%s && go mod tidy", v.module, v.fixed)
	}
}

// stdlib is what govulncheck calls the module of the standard library.
const stdlib = "stdlib"

// line returns the line of go.mod that asks for the version, or 0.
func (v *vulnerability) line(lines []string) int {
	if v.module != stdlib {
		return scanner.PackageLine(lines, v.module, v.version)
	}
	for _, directive := range []string{"toolchain ", "go "} {
		if i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, directive) }); i >= 0 {
			return i + 1
		}
	}
	return 0
}
