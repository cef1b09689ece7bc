package gate

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// WeakerPolicy is the rule of findings about gates that require less than before, or
// less than they plainly can.
const WeakerPolicy = "weaker-policy"

// Weakening is a requirement that a policy makes no longer, or an allowance that it
// makes now.
type Weakening struct {
	Key  []string // in the file, such as gates, gosec, threshold
	What string
}

// ReadPolicy reads the policy of another commit, whose keys and gates may be others.
func ReadPolicy(text []byte) (Policy, error) {
	var p Policy
	if err := yaml.Unmarshal(text, &p); err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	return p, nil
}

// Weaker lists how the policy is weaker than another.
func (p Policy) Weaker(than Policy) []Weakening {
	var w weakenings
	for _, name := range slices.Sorted(maps.Keys(than.Gates)) {
		if now, ok := p.Gates[name]; ok {
			w.rules([]string{"gates", name}, than.Gates[name], now)
		} else {
			w.add([]string{"gates"}, "the gate %s is gone", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Profiles)) {
		key := []string{"profiles", name}
		if before, ok := than.Profiles[name]; ok {
			w.profile(key, before, p.Profiles[name])
		} else if len(than.Profiles) > 0 {
			w.add(key, "the profile %s is new, and a run may use it in place of another", name)
		}
	}
	return w
}

type weakenings []Weakening

func (w *weakenings) add(key []string, format string, args ...any) {
	*w = append(*w, Weakening{Key: slices.Clone(key), What: fmt.Sprintf(format, args...)})
}

// rules compares the requirements on a gate.
func (w *weakenings) rules(key []string, before, now Rules) {
	at := func(name string) []string { return slices.Concat(key, []string{name}) }
	if now.Threshold > before.Threshold {
		w.add(at("threshold"), "the threshold is %s, and was %s", now.Threshold, before.Threshold)
	}
	if now.Timeout.Duration > before.Timeout.Duration {
		w.add(at("timeout"), "the timeout is %s, and was %s", now.Timeout, before.Timeout)
	}
	if now.AtLeast < before.AtLeast {
		w.add(at("at_least"), "at least %d must be examined, and were %d", now.AtLeast, before.AtLeast)
	}
	for _, ecosystem := range slices.Sorted(maps.Keys(before.Advisories)) {
		if now.Advisories[ecosystem] < before.Advisories[ecosystem] {
			w.add(at("advisories"), "a database needs %d advisories of %s, and needed %d", now.Advisories[ecosystem], ecosystem, before.Advisories[ecosystem])
		}
	}
	if len(before.Needs) == 0 && len(now.Needs) > 0 {
		w.add(at("needs"), "the gate may be skipped, and could not be")
	}
	for _, list := range []struct {
		key         string
		before, now []string
		what        string
	}{
		{"needs", before.Needs, now.Needs, "the gate no longer runs because of"},
		{"rules", before.Rules, now.Rules, "it need not apply the rule"},
		{"active_rules", before.ActiveRules, now.ActiveRules, "it need not apply the rule"},
	} {
		if list.key == "needs" && len(list.now) == 0 {
			continue // it always runs
		}
		for _, one := range missing(list.before, list.now) {
			w.add(at(list.key), "%s %s", list.what, one)
		}
	}
}

// profile compares the allowances of a profile.
func (w *weakenings) profile(key []string, before, now Profile) {
	at := func(name string) []string { return slices.Concat(key, []string{name}) }
	if now.DatabaseDays > before.DatabaseDays {
		w.add(at("database_days"), "a database may be %d days old, and could be %d", now.DatabaseDays, before.DatabaseDays)
	}
	for i, was := range before.reactions() {
		if setting := now.reactions()[i]; setting.reaction == Warn && was.reaction == Fail {
			w.add(at(was.key), "it is a warning, and was a failure")
		}
	}
	if before.ActiveScan && !now.ActiveScan {
		w.add(at("active_scan"), "ZAP need not attack the service, and had to")
	}
	for _, list := range []struct {
		key         string
		before, now []string
		what        string
	}{
		{"old_databases", before.OldDatabases, now.OldDatabases, "there is no limit to the age of the database of"},
		{"missing_tools", keys(before.MissingTools), keys(now.MissingTools), "without its tool it skips the gate"},
		{"skip", keys(before.Skip), keys(now.Skip), "it skips the gate"},
	} {
		for _, one := range missing(list.now, list.before) {
			w.add(at(list.key), "%s %s", list.what, one)
		}
	}
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// missing returns what is in a list and not in another.
func missing(from, in []string) []string {
	return slices.DeleteFunc(slices.Clone(from), func(one string) bool { return slices.Contains(in, one) })
}

// LineOf returns the line of a key in the text of a policy, or of the last of its
// parents that is there.
func LineOf(text []byte, key []string) int {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil || len(document.Content) == 0 {
		return 0
	}
	node, line := document.Content[0], 1
	for _, name := range key {
		i := 0
		for ; i+1 < len(node.Content) && node.Content[i].Value != name; i += 2 { // keys and values in turn
		}
		if node.Kind != yaml.MappingNode || i+1 >= len(node.Content) {
			break
		}
		node, line = node.Content[i+1], node.Content[i].Line
	}
	return line
}

// slack is how many times at_least a gate may examine. Above that, the loss of most of
// its subject would not be noticed.
const slack = 4

// plain returns a finding if a gate examined far more than the policy requires of it.
// Commits do not count: a fork begins with one.
func plain(name string, rules Rules, examined scanner.Examined) []finding.Finding {
	if examined.Count <= slack*rules.AtLeast || examined.Unit == "commits" {
		return nil
	}
	return []finding.Finding{{
		Rule: WeakerPolicy, Severity: finding.Critical, File: "security/policy.yaml", Resource: "gates." + name + ".at_least",
		Message:   fmt.Sprintf("The gate %s examined %d %s, and would pass with %d.", name, examined.Count, examined.Unit, rules.AtLeast),
		Help:      fmt.Sprintf("Set at_least to a number near %d.", examined.Count),
		Witnesses: []finding.Witness{{Gate: name, Rule: WeakerPolicy}},
	}}
}
