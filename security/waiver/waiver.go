// Package waiver reads the exceptions of waivers.yaml and applies them to
// findings.
package waiver

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
	"example.com/rates/security/strictyaml"
)

// Waiver allows one rule to be broken in one place until a day.
type Waiver struct {
	Rule     string `yaml:"rule" json:"rule"`                             // any name of the rule
	Path     string `yaml:"path,omitempty" json:"path,omitempty"`         // a file, or a folder with a slash at its end
	Resource string `yaml:"resource,omitempty" json:"resource,omitempty"` // as the finding names it
	Package  string `yaml:"package,omitempty" json:"package,omitempty"`   // a dependency, with Version
	Version  string `yaml:"version,omitempty" json:"version,omitempty"`
	Reason   string `yaml:"reason" json:"reason"`
	Owner    string `yaml:"owner" json:"owner"`
	Created  Day    `yaml:"created" json:"created"`
	Expires  Day    `yaml:"expires" json:"expires"` // the last day on which it holds

	Line int `yaml:"-" json:"line"` // in the file
}

// The limits of a waiver's life.
const (
	MaxDays  = 90 // from the day of creation to the last day, at most
	WarnDays = 14 // before it expires
)

// Problem is an entry that is not a valid waiver. Other entries still hold.
type Problem struct {
	Line int    `json:"line"`
	Rule string `json:"rule,omitempty"` // if it could be read
	What string `json:"what"`
}

// String names the entry and what is wrong with it.
func (p Problem) String() string {
	name := strings.TrimSpace(p.Rule)
	if name == "" {
		name = "entry"
	}
	return fmt.Sprintf("line %d, %s: %s", p.Line, name, p.What)
}

// List is the content of waivers.yaml.
type List struct {
	Waivers  []Waiver  // the valid ones, expired or not
	Problems []Problem // the others
}

// Parse reads a list of waivers. A malformed entry becomes a Problem and voids
// no other; the error is for a file without a list.
func Parse(r io.Reader) (List, error) {
	var document struct {
		Waivers []yaml.Node `yaml:"waivers"`
	}
	if err := strictyaml.Load(r, &document); err != nil && !errors.Is(err, io.EOF) {
		return List{}, fmt.Errorf("waivers: %w", err)
	}
	var list List
	for i := range document.Waivers {
		w, err := read(&document.Waivers[i])
		if err != nil {
			list.Problems = append(list.Problems, Problem{Line: w.Line, Rule: w.Rule, What: err.Error()})
			continue
		}
		list.Waivers = append(list.Waivers, w)
	}
	return list, nil
}

func read(node *yaml.Node) (Waiver, error) {
	w := Waiver{Line: node.Line}
	if err := strictyaml.LoadNode(node, &w); err != nil {
		return Waiver{Line: node.Line, Rule: ruleOf(node)}, err
	}
	return w, w.validate()
}

// ruleOf reads only the rule, to name an unreadable entry.
func ruleOf(node *yaml.Node) string {
	if node.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "rule" {
			return node.Content[i+1].Value
		}
	}
	return ""
}

func (w Waiver) validate() error {
	for _, field := range []struct{ name, value string }{{"rule", w.Rule}, {"reason", w.Reason}, {"owner", w.Owner}} {
		if strings.TrimSpace(field.value) == "" {
			return fmt.Errorf("%s is missing", field.name)
		}
	}
	switch {
	case w.Path == "" && w.Resource == "" && w.Package == "":
		return errors.New("it names no place: a path, a resource or a package")
	case (w.Package == "") != (w.Version == ""):
		return errors.New("package and version belong together: another version is another decision")
	case w.Path != "" && path.Clean(w.Path) != strings.TrimSuffix(w.Path, "/") || strings.HasPrefix(w.Path, "..") || strings.HasPrefix(w.Path, "/") || w.Path == "./" || w.Path == ".":
		return fmt.Errorf("path %q is not a clean path within the repository", w.Path)
	case strings.ContainsAny(w.Path, "*?["):
		return fmt.Errorf("path %q is a pattern; name a file, or a folder with a slash at its end", w.Path)
	case w.Created.IsZero():
		return errors.New("created is missing; write a day as 2026-01-31")
	case w.Expires.IsZero():
		return errors.New("expires is missing; write a day as 2026-01-31")
	case w.Expires.Before(w.Created.Time):
		return fmt.Errorf("it expires on %s, before it was created on %s", w.Expires, w.Created)
	case w.Expires.days()-w.Created.days() > MaxDays:
		return fmt.Errorf("it holds for %d days; %d are allowed", w.Expires.days()-w.Created.days(), MaxDays)
	default:
		return nil
	}
}

// Expired reports whether its last day, in UTC, is over.
func (w Waiver) Expired(now time.Time) bool { return w.DaysLeft(now) < 0 }

// DaysLeft returns how many days it holds after today: 0 on its last day,
// negative afterwards.
func (w Waiver) DaysLeft(now time.Time) int { return w.Expires.days() - dayOf(now).days() }

// begun reports whether the day of its creation has come anywhere: at most a
// day ahead of UTC. A day far ahead would let a waiver live longer than MaxDays.
func (w Waiver) begun(now time.Time) bool { return w.Created.days() <= dayOf(now).days()+1 }

// Covers reports whether the waiver is for this finding. same reports whether
// two names mean one rule.
func (w Waiver) Covers(f finding.Finding, same func(a, b string) bool) bool {
	return w.coversRule(f, same) && w.coversPath(f.File) &&
		(w.Resource == "" || w.Resource == f.Resource) &&
		(w.Package == "" || w.Package == f.Package && w.Version == f.Version)
}

func (w Waiver) coversRule(f finding.Finding, same func(a, b string) bool) bool {
	for _, name := range f.Names() {
		if same(w.Rule, name) {
			return true
		}
	}
	return false
}

func (w Waiver) coversPath(file string) bool {
	return w.Path == "" || file == w.Path || strings.HasSuffix(w.Path, "/") && strings.HasPrefix(file, w.Path)
}

// String names the waiver in messages.
func (w Waiver) String() string {
	place := w.Path
	if w.Resource != "" {
		place = strings.TrimPrefix(place+" "+w.Resource, " ")
	}
	if w.Package != "" {
		place = strings.TrimPrefix(place+" "+w.Package+"@"+w.Version, " ")
	}
	return fmt.Sprintf("%s in %s (line %d)", w.Rule, place, w.Line)
}
