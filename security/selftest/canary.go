package selftest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/strictyaml"
)

// canary is the content of canary.yaml in the folder of a gate.
type canary struct {
	Image bool `yaml:"image"` // the gate examines an image, made from the folder by image.OfFolder
	// Threshold is the least severity that a case finds, and that does not pass.
	Threshold  finding.Severity `yaml:"threshold"`
	Rules      []string         `yaml:"rules"` // that the tool must have
	Cases      []canaryCase     `yaml:"cases"`
	BlindSpots []BlindSpot      `yaml:"blind_spots"`
}

// canaryCase is a small repository and the expected result of the gate.
type canaryCase struct {
	Name    string   `yaml:"name"`
	Folders []string `yaml:"folders"` // each is a commit that replaces the one before
	Edits   []edit   `yaml:"edits"`   // to the last folder
	Shallow bool     `yaml:"shallow"` // only the last commit exists
	// As turns files of the first folder into other formats, such as utf-16le.
	As map[string]string `yaml:"as"`
	// Keep is where the repository keeps a secret besides its files, a note for
	// example.
	Keep string `yaml:"keep"`
	// ImageOf is the folder that the image is made from, "" for the last of Folders.
	ImageOf string `yaml:"image_of"`
	// Release requires what a release does: proof of what the image was built from.
	Release bool `yaml:"release"`
	// StandIn is how a stand-in for the gate's tool behaves; "" is for the tool
	// itself.
	StandIn string `yaml:"stand_in"`
	// Active lets the tool attack what it examines.
	Active bool `yaml:"active"`
	// Accepted is what the policy accepts that no gate reads.
	Accepted []scanner.Accepted `yaml:"accepted"`
	Finds    []expected         `yaml:"finds"`
	Passes   bool               `yaml:"passes"`
	Error    scanner.Kind       `yaml:"error"`
}

// edit replaces the only occurrence of a text in a file.
type edit struct {
	File string `yaml:"file"`
	Old  string `yaml:"old"`
	New  string `yaml:"new"`
}

// expected is a finding that the gate must have.
type expected struct {
	Rule string `yaml:"rule"` // one of its names
	File string `yaml:"file"` // "" matches any, in an image
	Line int    `yaml:"line"` // 0 matches any
	// Resource is the place of a finding outside of files; "" matches any.
	// Its first word is enough: commit, tag.
	Resource string `yaml:"resource"`
}

// kinds are the kinds of errors that a case may expect.
var kinds = []scanner.Kind{
	scanner.ToolMissing, scanner.WrongVersion, scanner.ToolChanged, scanner.ToolFailed, scanner.Killed, scanner.TimedOut, scanner.BadInput,
	scanner.BadOutput, scanner.NothingExamined, scanner.TooFewExamined, scanner.DatabaseMissing, scanner.DatabaseTooOld, scanner.DatabaseIncomplete,
	scanner.ShallowHistory, scanner.AnotherImage, scanner.InputUnavailable,
}

// readCanary reads and validates the canary in the folder of a gate.
func readCanary(dir string) (canary, error) {
	const base = "canary.yaml"
	name := filepath.Join(dir, base)
	file, err := os.OpenInRoot(dir, base)
	if errors.Is(err, fs.ErrNotExist) {
		return canary{}, fmt.Errorf("the gate has no canary: %s does not exist", name)
	}
	if err != nil {
		return canary{}, fmt.Errorf("open the canary: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	var c canary
	if err := strictyaml.Load(file, &c); err != nil {
		return canary{}, fmt.Errorf("%s: %w", name, err)
	}
	if err := c.validate(dir); err != nil {
		return canary{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func (c canary) validate(dir string) error {
	var names []string
	for i, one := range c.Cases {
		if err := one.validate(dir, c.Image); err != nil {
			return fmt.Errorf("case %d, %q: %w", i+1, one.Name, err)
		}
		if slices.Contains(names, one.Name) || slices.Contains(sabotageNames(), one.Name) {
			return fmt.Errorf("case %d: another case is called %q", i+1, one.Name)
		}
		names = append(names, one.Name)
	}
	for _, need := range []struct {
		what string
		is   func(canaryCase) bool
	}{
		{"finds a defect", func(c canaryCase) bool { return len(c.Finds) > 0 }},
		{"passes", func(c canaryCase) bool { return c.Passes }},
		{"is an error", func(c canaryCase) bool { return c.Error != "" }},
	} {
		if !slices.ContainsFunc(c.Cases, need.is) {
			return fmt.Errorf("there is no case that %s", need.what)
		}
	}
	for i, spot := range c.BlindSpots {
		if err := spot.validate(append(names, sabotageNames()...)); err != nil {
			return fmt.Errorf("blind spot %d, %q: %w", i+1, spot.Text, err)
		}
	}
	return nil
}

func (c canaryCase) validate(dir string, image bool) error {
	ends := 0
	for _, has := range []bool{len(c.Finds) > 0, c.Passes, c.Error != ""} {
		if has {
			ends++
		}
	}
	switch {
	case strings.TrimSpace(c.Name) == "":
		return errors.New("it has no name")
	case len(c.Folders) == 0:
		return errors.New("it has no folders")
	case ends != 1:
		return errors.New("it needs exactly one of finds, passes and error")
	case c.Error != "" && !slices.Contains(kinds, c.Error):
		return fmt.Errorf("there is no kind of error %q", c.Error)
	case c.Keep != "" && keepers[c.Keep] == nil:
		return fmt.Errorf("there is no place %q to keep a secret", c.Keep)
	}
	for file, format := range c.As {
		if formats[format] == nil {
			return fmt.Errorf("there is no format %q for %s", format, file)
		}
	}
	folders := c.Folders
	if c.ImageOf != "" {
		folders = append(slices.Clone(folders), c.ImageOf)
	}
	for _, folder := range folders {
		if info, err := os.Stat(filepath.Join(dir, folder)); err != nil || !info.IsDir() || !filepath.IsLocal(folder) {
			return fmt.Errorf("there is no folder %q next to it", folder)
		}
	}
	for _, f := range c.Finds {
		if f.Rule == "" || f.File == "" && f.Resource == "" && !image || f.Line < 0 {
			return errors.New("each of finds needs a rule, a file or a resource, and a line of at least 1 if it has one")
		}
	}
	return nil
}

// first returns the index of the first case for which is returns true.
func (c canary) first(is func(canaryCase) bool) int { return slices.IndexFunc(c.Cases, is) }

// want describes the expected result.
func (c canaryCase) want() string {
	switch {
	case c.Passes:
		return "passed"
	case c.Error != "":
		return "error: " + string(c.Error)
	default:
		words := make([]string, len(c.Finds))
		for i, f := range c.Finds {
			words[i] = f.String()
		}
		return "findings: " + strings.Join(words, ", ")
	}
}

// met reports whether the gate ended as expected.
func (c canaryCase) met(r gate.Result, same func(a, b string) bool) bool {
	switch {
	case c.Passes:
		return r.Status == gate.Passed
	case c.Error != "":
		return r.Status == gate.Errored && r.Kind == c.Error
	default:
		return r.Status == gate.Findings && !slices.ContainsFunc(c.Finds, func(want expected) bool {
			return !slices.ContainsFunc(r.Found, func(f finding.Finding) bool { return want.is(f, same) })
		})
	}
}

func (e expected) is(f finding.Finding, same func(a, b string) bool) bool {
	return (e.File == "" || e.File == f.File) && (e.Line == 0 || e.Line == f.Line) && (e.Resource == "" || e.Resource == f.Resource || strings.HasPrefix(f.Resource, e.Resource+" ")) &&
		slices.ContainsFunc(f.Names(), func(name string) bool { return same(name, e.Rule) })
}

// String names the finding.
func (e expected) String() string {
	switch {
	case e.Resource != "":
		return e.Rule + " at " + e.Resource
	case e.File == "":
		return e.Rule
	case e.Line == 0:
		return e.Rule + " in " + e.File
	}
	return e.Rule + " in " + e.File + ":" + strconv.Itoa(e.Line)
}

// ended describes how a gate ended.
func ended(r gate.Result) string {
	switch r.Status {
	case gate.Errored, gate.Skipped:
		return string(r.Status) + ": " + r.Reason
	case gate.Findings:
		const most = 8
		var words []string
		for i, f := range r.Found {
			if i == most {
				words = append(words, fmt.Sprintf("and %d more", len(r.Found)-most))
				break
			}
			words = append(words, f.Rule+" in "+f.Place())
		}
		return "findings: " + strings.Join(words, ", ")
	default:
		return string(r.Status)
	}
}
