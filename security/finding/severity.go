package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Severity is how bad a finding is.
type Severity int

// The severities. Unknown is for a tool that gives none, and counts as High.
const (
	Unknown Severity = iota
	Info
	Low
	Medium
	High
	Critical
)

var severities = [...]Severity{Critical, High, Unknown, Medium, Low, Info}

// Severities returns all severities, worst first.
func Severities() []Severity { return slices.Clone(severities[:]) }

var severityNames = map[Severity]string{
	Unknown: "unknown", Info: "info", Low: "low", Medium: "medium", High: "high", Critical: "critical",
}

// String returns the name that the policy and the reports use.
func (s Severity) String() string {
	if name, ok := severityNames[s]; ok {
		return name
	}
	return fmt.Sprintf("severity %d", int(s))
}

// AtLeast reports whether s is as bad as threshold or worse.
func (s Severity) AtLeast(threshold Severity) bool { return s.counted() >= threshold.counted() }

func (s Severity) counted() Severity {
	if s == Unknown {
		return High
	}
	return s
}

// ParseSeverity reads a name, in any letter case.
func ParseSeverity(name string) (Severity, error) {
	for s, n := range severityNames {
		if strings.EqualFold(n, name) {
			return s, nil
		}
	}
	return Unknown, fmt.Errorf("severity %q is not one of critical, high, unknown, medium, low, info", name)
}

// SeverityOf returns the severity of a name that a tool gave, or Unknown if
// there is no such severity.
func SeverityOf(name string) Severity {
	severity, err := ParseSeverity(name)
	if err != nil {
		return Unknown
	}
	return severity
}

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}
