package policy

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// pins looks for tools that are pinned no longer, or to another source or an older
// version, or whose checksums were exchanged. A newer version is no finding.
func (s *scan) pins() error {
	names, err := s.base.files(pinsFolder)
	if err != nil {
		return err
	}
	now := os.DirFS(s.job.Rules.Pins)
	for _, name := range names {
		s.outcome.Examined.Count++
		before, err := s.base.file(name)
		if err != nil {
			return err
		}
		below := strings.TrimPrefix(name, pinsFolder+"/")
		content, err := fs.ReadFile(now, below)
		if err != nil {
			if !slices.Contains([]string{"build.txt", "build.env"}, path.Base(below)) { // which not every tool has
				s.found(name, 0, "", "the tool is pinned here no longer")
			}
			continue
		}
		if string(before) == string(content) {
			continue
		}
		for _, what := range repinned(path.Base(below), string(before), string(content)) {
			s.found(name, 0, "", what)
		}
	}
	return nil
}

// repinned returns how a file pins something worse than before.
func repinned(name, before, now string) []string {
	switch name {
	case "go.mod":
		return module(before, now)
	case "go.sum":
		return exchanged(sums(before), sums(now))
	case "requirements.txt", "build.txt":
		return exchanged(hashes(before), hashes(now))
	case "build.env":
		return added(before, now)
	default:
		return words(before, now)
	}
}

// module compares the tool of a go.mod, its version, and what replaces a module.
func module(before, now string) []string {
	old, err := modfile.Parse("go.mod", []byte(before), nil)
	if err != nil {
		return nil // it pinned nothing
	}
	mod, err := modfile.Parse("go.mod", []byte(now), nil)
	if err != nil {
		return []string{"it cannot be read: " + err.Error()}
	}
	var found []string
	for _, tool := range old.Tool {
		if !slices.ContainsFunc(mod.Tool, func(t *modfile.Tool) bool { return t.Path == tool.Path }) {
			found = append(found, "the tool is not "+tool.Path+" any more")
		}
	}
	for _, replace := range mod.Replace {
		if !slices.ContainsFunc(old.Replace, func(r *modfile.Replace) bool { return r.Old == replace.Old && r.New == replace.New }) {
			found = append(found, replace.Old.Path+" is replaced by "+replace.New.Path)
		}
	}
	for _, require := range mod.Require {
		at := slices.IndexFunc(old.Require, func(r *modfile.Require) bool { return r.Mod.Path == require.Mod.Path })
		if at >= 0 && !require.Indirect && older(require.Mod.Version, old.Require[at].Mod.Version) {
			found = append(found, fmt.Sprintf("%s is %s, and was %s", require.Mod.Path, require.Mod.Version, old.Require[at].Mod.Version))
		}
	}
	return found
}

// sums returns the checksums of a go.sum by module and version.
func sums(text string) map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 3 { //nolint:mnd // module, version and checksum
			key := fields[0] + " " + fields[1]
			all[key] = append(all[key], fields[2])
		}
	}
	return all
}

var (
	pinned = regexp.MustCompile(`^([A-Za-z0-9._-]+(?:\[[^\]]*\])?)==(\S+)`)
	hash   = regexp.MustCompile(`--hash=(\S+)`)
)

// hashes returns the hashes of a requirements.txt by package and version.
func hashes(text string) map[string][]string {
	all, key := map[string][]string{}, ""
	for line := range strings.Lines(text) {
		if found := pinned.FindStringSubmatch(line); found != nil {
			key = found[1] + " " + found[2]
		}
		for _, found := range hash.FindAllStringSubmatch(line, -1) {
			all[key] = append(all[key], found[1])
		}
	}
	return all
}

// exchanged returns what has a checksum that it did not have in the same version.
func exchanged(before, now map[string][]string) []string {
	var found []string
	for key, sums := range now {
		old, ok := before[key]
		if ok && slices.ContainsFunc(sums, func(sum string) bool { return !slices.Contains(old, sum) }) {
			found = append(found, key+" has another checksum than before, in the same version")
		}
	}
	slices.Sort(found)
	return found
}

// added returns the lines that were not there.
func added(before, now string) []string {
	var found []string
	for line := range strings.Lines(now) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !slices.Contains(strings.Split(before, "\n"), line) {
			found = append(found, "the tool is built with "+line)
		}
	}
	return found
}

// words compares files that name something and its version: those of Python tools, of
// a program of the machine, and of ZAP with its image.
func words(before, now string) []string {
	split := func(text string) []string {
		var words []string
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "#") {
				words = append(words, strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n=@", r) })...)
			}
		}
		return words
	}
	old, words := split(before), split(now)
	if len(old) != len(words) {
		return []string{"it names another number of things"}
	}
	newer := false
	var found []string
	for i, word := range words {
		switch name, _, isTag := strings.Cut(word, ":"); {
		case word == old[i]:
		case isVersion(word) && isVersion(old[i]):
			if newer = !older(word, old[i]); !newer {
				found = append(found, fmt.Sprintf("the version is %s, and was %s", word, old[i]))
			}
		case newer && (strings.HasPrefix(word, "sha256:") || isTag && strings.HasPrefix(old[i], name+":")): // as the version
		default:
			found = append(found, fmt.Sprintf("it names %s in place of %s", word, old[i]))
		}
	}
	return found
}

var version = regexp.MustCompile(`^v?\d+(\.\d+)*([-+.]?[A-Za-z0-9.+-]*)?$`)

func isVersion(word string) bool { return version.MatchString(word) }

// older reports whether a version is before another.
func older(version, than string) bool {
	a, b := numbers(version), numbers(than)
	for i := range max(len(a), len(b)) {
		if c := cmp.Compare(at(a, i), at(b, i)); c != 0 {
			return c < 0
		}
	}
	// Of two that differ in words only, such as a release candidate, nothing is known.
	return version != than
}

// numbers returns the numbers in a version.
func numbers(version string) []int {
	var all []int
	for _, part := range strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = 0
		}
		all = append(all, n)
	}
	return all
}

func at(numbers []int, i int) int {
	if i < len(numbers) {
		return numbers[i]
	}
	return 0
}
