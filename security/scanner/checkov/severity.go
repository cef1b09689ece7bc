package checkov

import (
	_ "embed"
	"strings"
	"sync"

	"example.com/rates/security/finding"
)

//go:embed classes.txt
var classesText string

// severityOf returns the severity of a rule by its class: checkov gives one to
// customers only. It is unknown for a rule of no known class.
func severityOf(rule string) finding.Severity {
	switch classes()[rule] {
	case "iam", "networking", "secrets", "supply_chain", "application_security":
		return finding.High // somebody can get in, or can change what is built
	case "encryption", "general_security", "kubernetes":
		return finding.Medium // a defence is missing
	case "logging", "backup_and_recovery", "convention":
		return finding.Low // an attack or a loss is noticed late
	default:
		return finding.Unknown
	}
}

// classes returns the class of each rule in classes.txt.
var classes = sync.OnceValue(func() map[string]string {
	of := map[string]string{}
	for line := range strings.Lines(classesText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		for _, rule := range words[1:] {
			of[rule] = words[0]
		}
	}
	return of
})
