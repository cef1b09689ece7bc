package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"` // seconds
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Time    string        `xml:"time,attr"`
	Skipped *junitMessage `xml:"skipped"`
	Error   *junitMessage `xml:"error"`
	Failure *junitMessage `xml:"failure"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit XML: a suite for each gate, with a test for
// its having looked and one for each finding, and a suite for the verdict,
// which fails whatever the reason is.
func JUnit(w io.Writer, r gate.Report) error {
	s := summarise(r)
	all := junitSuites{Name: "gates", junitCounts: junitCounts{Time: seconds(r.Took)}}
	suites := []junitSuite{junitVerdict(s)}
	for _, g := range r.Gates {
		suites = append(suites, junitGate(g, r.Findings))
	}
	for _, suite := range suites {
		suite.Timestamp = r.Started.UTC().Format(time.RFC3339)
		suite.count()
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Skipped += suite.Skipped
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) count() {
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

func junitVerdict(s summary) junitSuite {
	verdict := junitCase{Name: "the run is green", Class: "verdict", Time: seconds(0), Output: visible(strings.Join(s.Verdict.Warnings, "\n"))}
	if !s.Verdict.Green {
		verdict.Failure = &junitMessage{
			Message: s.Headline(), Type: "exit code " + strconv.Itoa(s.Verdict.Exit),
			Text: visible(strings.Join(s.Verdict.Reasons, "\n")),
		}
	}
	return junitSuite{
		Name: "verdict", junitCounts: junitCounts{Time: seconds(0)}, Cases: []junitCase{verdict},
		Properties: []junitProperty{{"profile", visible(s.Profile)}, {"commit", visible(s.Commit)}},
	}
}

func junitGate(g gate.Result, findings []finding.Finding) junitSuite {
	looked := junitCase{Name: oneLine(g.Gate + " examines " + g.Subject), Class: oneLine(g.Gate), Time: seconds(g.Took)}
	switch g.Status {
	case gate.Errored:
		looked.Error = &junitMessage{Message: visible(g.Reason), Type: string(g.Kind)}
	case gate.Skipped:
		looked.Skipped = &junitMessage{Message: visible(g.Reason)}
	default:
	}
	suite := junitSuite{Name: oneLine(g.Gate), junitCounts: junitCounts{Time: seconds(g.Took)}, Properties: junitEvidence(g)}
	suite.Cases = append(suite.Cases, looked)
	for _, f := range findings {
		if sawIt(g, f) {
			suite.Cases = append(suite.Cases, junitFinding(g, f))
		}
	}
	return suite
}

// junitFinding is a test that fails if the finding makes the gate red. If not,
// what it prints says why.
func junitFinding(g gate.Result, f finding.Finding) junitCase {
	test := junitCase{
		Name: oneLine(f.Rule + " at " + place(f)), Class: oneLine(g.Gate),
		File: visible(f.File), Line: f.Line, Time: seconds(0),
	}
	about := visible(strings.TrimSpace(fmt.Sprintf("%s: %s\n%s\n%s", severity(f), f.Message, mend(f), f.URL)))
	switch {
	case fails(g, f):
		test.Failure = &junitMessage{Message: oneLine(f.Message), Type: f.Severity.String(), Text: about}
	case f.Waiver != nil:
		test.Output = "Waived: " + visible(exception(*f.Waiver)) + "\n" + about
	default:
		test.Output = "Fails this gate only from " + g.Rules.Severity.String() + " on.\n" + about
	}
	return test
}

func junitEvidence(g gate.Result) []junitProperty {
	var evidence []junitProperty
	add := func(name string, values ...string) {
		for _, value := range values {
			evidence = append(evidence, junitProperty{name, visible(value)})
		}
	}
	add("status", string(g.Status))
	if o := g.Outcome; o != nil {
		add("tool", o.Tool)
		add("version", o.Version)
		add("examined", examined(g))
		if o.Database != nil {
			add("database", o.Database.Source+" of "+database(g))
		}
		add("command", o.Commands...)
		add("note", o.Notes...)
	}
	return evidence
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
