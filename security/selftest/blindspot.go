package selftest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// BlindSpot is a known way for a gate to pass without checking, as users of its
// tool reported it. The gate's canary lists it.
type BlindSpot struct {
	Text string `yaml:"text"`
	// Cases are the names of the cases, of the canary or of the sabotage, that
	// show that the gate does not pass.
	Cases []string `yaml:"cases"`
	// Test is the name of a Go test in the gate's package that covers the rest,
	// "" if there is none. The self-test does not run it.
	Test string `yaml:"test"`

	Status Status `yaml:"-"`
}

// Status is what a self-test showed about a blind spot.
type Status string

// The statuses of a blind spot.
const (
	Closed          Status = "closed"           // all its cases ran and passed
	Open            Status = "open"             // a case failed or did not run
	TestedElsewhere Status = "tested elsewhere" // only a Go test covers it, so this run proves nothing about it
)

var testName = regexp.MustCompile(`^Test[A-Z]\w*$`)

// validate checks the blind spot against the names of the cases that may run.
func (b BlindSpot) validate(cases []string) error {
	switch {
	case strings.TrimSpace(b.Text) == "":
		return errors.New("it has no text")
	case len(b.Cases) == 0 && b.Test == "":
		return errors.New("it needs cases, a test, or both")
	case b.Test != "" && !testName.MatchString(b.Test):
		return fmt.Errorf("%q is not the name of a Go test", b.Test)
	}
	for _, name := range b.Cases {
		if !slices.Contains(cases, name) {
			return fmt.Errorf("there is no case %q", name)
		}
	}
	return nil
}

// status returns what the cases that ran show.
func (b BlindSpot) status(ran []Case) Status {
	for _, name := range b.Cases {
		if !slices.ContainsFunc(ran, func(c Case) bool { return c.Name == name && c.OK && c.NotRun == "" }) {
			return Open
		}
	}
	if len(b.Cases) == 0 {
		return TestedElsewhere
	}
	return Closed
}

// judged returns the blind spots with the status that the cases show.
func judged(spots []BlindSpot, ran []Case) []BlindSpot {
	spots = slices.Clone(spots)
	for i, spot := range spots {
		spots[i].Status = spot.status(ran)
	}
	return spots
}
