package gate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/strictyaml"
)

// PolicyGate is the gate that examines the policy itself. It is never skipped.
const PolicyGate = "policy"

// Policy holds the requirements on each gate and the allowances of each profile.
type Policy struct {
	Profiles map[string]Profile `yaml:"profiles"`
	Gates    map[string]Rules   `yaml:"gates"`
	Accepted []scanner.Accepted `yaml:"accepted"`
	Order    []string           `yaml:"-"` // names of the gates as the file lists them: they start in this order
}

// Profile is the allowances for one kind of run.
type Profile struct {
	// DatabaseDays is the greatest age of a vulnerability database in days.
	DatabaseDays int `yaml:"database_days"`
	// OldDatabases names gates whose database may be older. Its age is recorded.
	OldDatabases []string `yaml:"old_databases"`
	// UnusedWaivers is the reaction to waivers that match nothing.
	UnusedWaivers Reaction `yaml:"unused_waivers"`
	// AbsentSubjects is the reaction to a repository that holds nothing for a
	// gate to examine.
	AbsentSubjects Reaction `yaml:"absent_subjects"`
	// PackedImage is the reaction to a run without a built image: with warn, one
	// is packed from the tree, without its base image.
	PackedImage Reaction `yaml:"packed_image"`
	// UnreadFiles is the reaction to files that no gate reads and the policy does not
	// accept; without it they fail the run.
	UnreadFiles Reaction `yaml:"unread_files"`
	// UnknownBase is the reaction to a repository whose main branch cannot be read, so
	// that nobody knows whether this policy is weaker.
	UnknownBase Reaction `yaml:"unknown_base"`
	// MissingTools names gates that are skipped if their tool is missing, each with
	// the reason why it may be.
	MissingTools map[string]string `yaml:"missing_tools"`
	// ActiveScan lets the gate zap attack the service.
	ActiveScan bool `yaml:"active_scan"`
	// Skip names gates that do not run, each with the reason.
	Skip map[string]string `yaml:"skip"`
}

// Reaction is the consequence of a shortcoming.
type Reaction string

// The reactions.
const (
	Warn Reaction = "warn" // it is a warning; a gate is skipped
	Fail Reaction = "fail" // the run is not green
)

// Rules are the requirements on one gate.
type Rules struct {
	// Threshold is the lowest severity that makes the gate red.
	Threshold finding.Severity `yaml:"threshold"`
	Timeout   Duration         `yaml:"timeout"`
	// AtLeast is how much must be examined, in the gate's own unit.
	AtLeast int `yaml:"at_least"`
	// Advisories is how many entries the gate's database must have, by ecosystem, if
	// they can be counted.
	Advisories map[string]int `yaml:"advisories"`
	// Needs lists files, folders, or patterns of file names such as *.tf. The
	// gate has a subject when the repository holds one of them.
	Needs []string `yaml:"needs"`
	// Rules lists rules that the tool must have applied; ActiveRules, those that it
	// must have applied in an active scan.
	Rules       []string `yaml:"rules"`
	ActiveRules []string `yaml:"active_rules"`
}

// Duration is a time.Duration written as 2m30s.
type Duration struct{ time.Duration }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	if d.Duration, err = time.ParseDuration(string(text)); err != nil {
		return fmt.Errorf("%q is no duration; write it as 90s or 5m", text)
	}
	return nil
}

// ParsePolicy reads a policy for the named gates. Unknown keys and names are
// errors.
func ParsePolicy(r io.Reader, gates []string) (Policy, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	var p Policy
	switch err := strictyaml.Load(bytes.NewReader(text), &p); {
	case errors.Is(err, io.EOF):
		return Policy{}, errors.New("policy: the file is empty")
	case err != nil:
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	var ordered struct {
		Gates yaml.Node `yaml:"gates"`
	}
	if err := yaml.Unmarshal(text, &ordered); err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	for i := 0; i < len(ordered.Gates.Content); i += 2 { // keys and values in turn
		p.Order = append(p.Order, ordered.Gates.Content[i].Value)
	}
	return p, p.validate(gates)
}

func (p Policy) validate(gates []string) error {
	for _, name := range gates {
		rules, ok := p.Gates[name]
		switch {
		case !ok:
			return fmt.Errorf("policy: gate %s has no entry", name)
		case rules.Threshold == finding.Unknown:
			return fmt.Errorf("policy: gate %s: threshold must be info, low, medium, high or critical", name)
		case rules.Timeout.Duration <= 0:
			return fmt.Errorf("policy: gate %s: timeout must be more than 0s", name)
		case name == PolicyGate && (len(rules.Needs) > 0 || rules.Threshold > finding.High):
			return fmt.Errorf("policy: the gate %s can have no needs, and no threshold above high", name)
		case rules.AtLeast < 1:
			return fmt.Errorf("policy: gate %s: at_least must be 1 or more; a gate that examines nothing proves nothing", name)
		}
		for _, need := range rules.Needs {
			if !findable(need) {
				return fmt.Errorf("policy: gate %s: needs: %q is neither a path from the root, such as terraform/app, nor a pattern of file names, such as *.tf", name, need)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Gates)) {
		if !slices.Contains(gates, name) {
			return fmt.Errorf("policy: there is no gate %s", name)
		}
	}
	for i, accepted := range p.Accepted {
		if err := validateAccepted(accepted); err != nil {
			return fmt.Errorf("policy: entry %d of accepted: %w", i+1, err)
		}
	}
	if len(p.Profiles) == 0 {
		return errors.New("policy: there is no profile")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Profiles)) {
		if err := p.Profiles[name].validate(gates); err != nil {
			return fmt.Errorf("policy: profile %s: %w", name, err)
		}
	}
	return nil
}

func validateAccepted(a scanner.Accepted) error {
	switch {
	case len(a.Kinds) == 0 || slices.Contains(a.Kinds, ""):
		return errors.New("it must name the kinds of its files")
	case strings.TrimSpace(a.Reason) == "":
		return errors.New("it has no reason")
	}
	for _, place := range a.In {
		if name := strings.TrimSuffix(place, "/"); !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "*?[") {
			return fmt.Errorf("%q is neither a file, nor a folder with a slash at its end, such as docs/", place)
		}
	}
	return nil
}

// findable reports whether a file can match need. A need that no file can match
// would always skip its gate.
func findable(need string) bool {
	if !strings.Contains(need, "/") {
		_, err := path.Match(need, "")
		return need != "" && need != "." && need != ".." && err == nil
	}
	return path.Clean(need) == need && !path.IsAbs(need) && !strings.HasPrefix(need, "../") && !strings.ContainsAny(need, "*?[")
}

// setting is a reaction with its key.
type setting struct {
	key      string
	reaction Reaction
}

func (p Profile) reactions() []setting {
	return []setting{
		{"unused_waivers", p.UnusedWaivers},
		{"absent_subjects", p.AbsentSubjects},
		{"packed_image", p.PackedImage},
		{"unread_files", cmp.Or(p.UnreadFiles, Fail)},
		{"unknown_base", p.UnknownBase},
	}
}

func (p Profile) validate(gates []string) error {
	for _, setting := range p.reactions() {
		if setting.reaction != Warn && setting.reaction != Fail {
			return fmt.Errorf("%s must be warn or fail, not %q", setting.key, setting.reaction)
		}
	}
	if p.DatabaseDays < 1 {
		return errors.New("database_days must be 1 or more")
	}
	if _, ok := p.Skip[PolicyGate]; ok {
		return fmt.Errorf("skip: the gate %s cannot be skipped", PolicyGate)
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(p.Skip)), slices.Sorted(maps.Keys(p.MissingTools)), p.OldDatabases) {
		if !slices.Contains(gates, name) {
			return fmt.Errorf("there is no gate %s", name)
		}
	}
	for _, reasons := range []struct {
		key  string
		gate map[string]string
	}{{"skip", p.Skip}, {"missing_tools", p.MissingTools}} {
		for _, name := range slices.Sorted(maps.Keys(reasons.gate)) {
			if strings.TrimSpace(reasons.gate[name]) == "" {
				return fmt.Errorf("%s: gate %s has no reason", reasons.key, name)
			}
		}
	}
	return nil
}
