package terraformcompliance

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// broken is a scenario that a plan breaks.
type broken struct {
	feature  feature
	scenario scenario
	messages []string // of the tool, one for each resource
}

// featureResult is a feature in the result of the tool.
type featureResult struct {
	File      string `json:"uri"`
	Name      string `json:"name"`
	Scenarios []struct {
		Name  string `json:"name"`
		Steps []struct {
			Name   string `json:"name"`
			Result struct {
				Status string `json:"status"`
				Error  string `json:"error_message"`
			} `json:"result"`
		} `json:"steps"`
	} `json:"elements"`
}

// countLine matches the line in which the tool counts scenarios.
var countLine = regexp.MustCompile(`(?m)^(\d+) scenarios? \((?:(\d+) passed)?(?:, )?(?:(\d+) failed)?\)$`)

// parse reads the output of terraform-compliance and its result. Both must report
// each scenario of the features, and agree. The tool takes the files in any
// order.
func parse(out scanner.Output, result []byte, features []feature) ([]broken, error) {
	var reported []featureResult
	if err := json.Unmarshal(result, &reported); err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "the result of terraform-compliance: %w", err)
	}
	if len(reported) != len(features) {
		return nil, scanner.Errorf(scanner.TooFewExamined, "terraform-compliance reports %d features, and was given %d", len(reported), len(features))
	}
	var failed []broken
	total := 0
	unseen := map[string]feature{}
	for i, f := range features {
		unseen[f.copyName(i)] = f
	}
	for _, t := range reported {
		name := path.Base(t.File)
		f, ok := unseen[name]
		if !ok || t.Name != f.name {
			return nil, scanner.Errorf(scanner.BadOutput, "terraform-compliance reports a feature %q in %s, which it was not given, or twice", t.Name, name)
		}
		delete(unseen, name)
		broke, err := t.broken(f)
		if err != nil {
			return nil, err
		}
		failed, total = append(failed, broke...), total+len(f.scenarios)
	}
	if err := agree(out, total, len(failed)); err != nil {
		return nil, err
	}
	return failed, addMessages(string(out.Stdout), reported, failed)
}

// broken returns the scenarios of the feature that failed.
func (c featureResult) broken(f feature) ([]broken, error) {
	if len(c.Scenarios) != len(f.scenarios) {
		return nil, scanner.Errorf(scanner.TooFewExamined, "%s holds %d scenarios, and terraform-compliance reports %d", f.path, len(f.scenarios), len(c.Scenarios))
	}
	var failed []broken
	for n, s := range f.scenarios {
		passed, err := c.ended(n, s)
		if err != nil {
			return nil, scanner.Errorf(scanner.TooFewExamined, "%s: %q %w", f.path, s.name, err)
		}
		if !passed {
			failed = append(failed, broken{feature: f, scenario: s})
		}
	}
	return failed, nil
}

// ended reports whether a scenario passed. One that neither passed nor failed did
// not run, which is an error.
func (c featureResult) ended(n int, want scenario) (passed bool, err error) {
	got := c.Scenarios[n]
	if name := exampleRow.ReplaceAllString(got.Name, ""); name != want.name && got.Name != want.name {
		return false, fmt.Errorf("did not run, but %q did", got.Name)
	}
	if len(got.Steps) != len(want.steps) {
		return false, fmt.Errorf("has %d steps, and it reports %d", len(want.steps), len(got.Steps))
	}
	failed := false
	for i, step := range got.Steps {
		if !strings.HasSuffix(step.Name, want.steps[i]) {
			return false, fmt.Errorf("has the step %q, and it reports %q", want.steps[i], step.Name)
		}
		switch status := step.Result.Status; {
		case status == "passed" && !failed:
		case status == "failed":
			failed = true
			if strings.TrimSpace(step.Result.Error) != "" {
				return false, fmt.Errorf("crashed at %q: %s", step.Name, strings.TrimSpace(step.Result.Error))
			}
		case failed: // the steps after a failed one do not run
		default:
			return false, fmt.Errorf("did not run to its end: the step %q is %s", step.Name, status)
		}
	}
	return !failed, nil
}

// exampleRow matches what radish adds to the name of a scenario for a row of examples.
var exampleRow = regexp.MustCompile(` - row \d+$`)

// agree compares the count that the tool prints, and its exit code, with its
// result.
func agree(out scanner.Output, total, failed int) error {
	counts := countLine.FindAllSubmatch(out.Stdout, -1)
	if len(counts) != 1 {
		return scanner.Errorf(scanner.BadOutput, "terraform-compliance does not say how many scenarios it ran%s", scanner.LastWords(scanner.Output{Stderr: out.Stderr}))
	}
	number := func(text []byte) int { n, _ := strconv.Atoi(string(text)); return n }
	all, passed, broke := number(counts[0][1]), number(counts[0][2]), number(counts[0][3])
	if all != total || passed != total-failed || broke != failed {
		return scanner.Errorf(scanner.BadOutput, "terraform-compliance counts %d scenarios, %d passed and %d failed; its result has %d and %d", all, passed, broke, total, failed)
	}
	if (failed > 0) != (out.Exit == 1) {
		return scanner.Errorf(scanner.BadOutput, "terraform-compliance ended with code %d, and %d scenarios failed", out.Exit, failed)
	}
	return nil
}

// How the tool prints failures: messages, and then the step, or the row of an
// outline, that they are about.
const (
	messagePrefix = "\t\tFailure: "
	morePrefix    = "\t\t         "
	stepPrefix    = "        "
)

// addMessages gives each broken scenario the messages that were printed about it,
// which the result does not have.
func addMessages(stdout string, reported []featureResult, failed []broken) error {
	var groups [][]string
	var messages []string
	for line := range strings.Lines(stdout) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, messagePrefix):
			messages = append(messages, strings.TrimPrefix(line, messagePrefix))
		case strings.HasPrefix(line, morePrefix) && len(messages) > 0:
			messages[len(messages)-1] += " " + strings.TrimSpace(line)
		case strings.HasPrefix(line, stepPrefix) && len(messages) > 0:
			groups, messages = append(groups, messages), nil
		}
	}
	steps := 0
	for _, f := range reported {
		for _, s := range f.Scenarios {
			for _, step := range s.Steps {
				if step.Result.Status == "failed" {
					steps++
				}
			}
		}
	}
	if len(groups) != len(failed) || steps != len(failed) {
		return scanner.Errorf(scanner.BadOutput, "terraform-compliance explains %d failures, with %d failed steps, and %d scenarios failed", len(groups), steps, len(failed))
	}
	for i := range failed {
		slices.Sort(groups[i])
		failed[i].messages = slices.Compact(groups[i])
	}
	return nil
}

var notInRule = regexp.MustCompile(`[^a-z0-9]+`)

// findings names the scenario and the plan, at each of the resources.
func (b broken) findings(p judgedPlan, made Plan, at places) []finding.Finding {
	const most = 500
	said := strings.Join(b.messages, " ")
	rule := b.feature.folder + "/" + strings.Trim(notInRule.ReplaceAllString(strings.ToLower(b.scenario.name), "-"), "-")
	found := b.place(at, addressesIn(said, made))
	for i := range found {
		found[i].Rule, found[i].Severity = rule, finding.High
		found[i].Message = fmt.Sprintf("%s: %s (%s:%d, plan of %s/%s): %s", b.feature.name, b.scenario.name,
			b.feature.path, b.scenario.line, p.Root, p.Test, scanner.Shortened(said, most))
		found[i].Help = "Change the configuration so that the scenario holds."
	}
	return found
}

// addressesIn returns the addresses of resources of the plan in a text.
func addressesIn(text string, made Plan) []string {
	var found []string
	for _, r := range made.Resources {
		for rest := text; ; {
			at := strings.Index(rest, r.Address)
			if at < 0 {
				break
			}
			rest = rest[at+len(r.Address):]
			if rest == "" || strings.ContainsRune(" ,.)", rune(rest[0])) { // not the beginning of a longer one
				found = append(found, r.Address)
				break
			}
		}
	}
	return found
}
