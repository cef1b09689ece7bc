package pipeline

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The rulesets require the verdicts, by the names that the workflows give them, and
// only of GitHub Actions.
func TestRulesetRequiresTheVerdicts(t *testing.T) {
	const actions = 15368 // the application GitHub Actions
	var ruleset struct {
		Rules []struct {
			Parameters struct {
				Checks []struct {
					Context     string
					Integration int `json:"integration_id"`
				} `json:"required_status_checks"`
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, root+"/.github/rulesets/main.json")), &ruleset); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, rule := range ruleset.Rules {
		for _, check := range rule.Parameters.Checks {
			names = append(names, check.Context)
			if check.Integration != actions {
				t.Errorf("any application may report %s", check.Context)
			}
		}
	}
	if want := slices.Sorted(maps.Values(required)); !slices.Equal(names, want) {
		t.Errorf("the ruleset requires %q, want %q", names, want)
	}
}

// Only the actions that the workflows use are allowed. Those of GitHub itself are by
// a setting of their own.
func TestAllowedActions(t *testing.T) {
	used := map[string]bool{}
	for _, text := range readWorkflows(t) {
		for _, m := range pinned.FindAllStringSubmatch(text, -1) {
			if owner, _, _ := strings.Cut(m[1], "/"); owner != "actions" && owner != "github" {
				used[m[1]+"@*"] = true
			}
		}
	}
	var settings struct {
		Settings []struct {
			Values struct {
				Allowed []string `json:"patterns_allowed"`
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, root+"/.github/settings.json")), &settings); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, s := range settings.Settings {
		allowed = append(allowed, s.Values.Allowed...)
	}
	if want := slices.Sorted(maps.Keys(used)); !slices.Equal(allowed, want) {
		t.Errorf("allowed are %q, used are %q", allowed, want)
	}
}

type update struct {
	Ecosystem   string `yaml:"package-ecosystem"`
	Directory   string
	Directories []string
	Cooldown    struct {
		Days int `yaml:"default-days"`
	}
	Groups map[string]struct {
		Patterns []string
		Types    []string `yaml:"update-types"`
	}
}

// manifests are the files that an ecosystem of Dependabot reads.
var manifests = map[string]*regexp.Regexp{
	"github-actions": regexp.MustCompile(`^\.github/workflows/[^/]+\.yml$`),
	"gomod":          regexp.MustCompile(`(^|/)go\.mod$`),
	"pip":            regexp.MustCompile(`(^|/)requirements\.in$`),
	"docker":         regexp.MustCompile(`(^|/)(\w+\.)?Dockerfile$`),
	"docker-compose": regexp.MustCompile(`(^|/)docker-compose\.yml$`),
	"terraform":      regexp.MustCompile(`(^|/)\.terraform\.lock\.hcl$`),
}

// Every folder with a manifest is updated once, and no other: a folder without one
// fails the whole run of Dependabot.
func TestDependabotCoversEveryManifest(t *testing.T) {
	var file struct{ Updates []update }
	if err := yaml.Unmarshal([]byte(read(t, root+"/.github/dependabot.yml")), &file); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, u := range file.Updates {
		for _, dir := range append(u.Directories, u.Directory) {
			if dir != "" {
				listed = append(listed, u.Ecosystem+" "+dir)
			}
		}
		if u.Cooldown.Days < 7 {
			t.Errorf("%s: a release may be proposed after %d days", u.Ecosystem, u.Cooldown.Days)
		}
		types := map[string]string{}
		for name, group := range u.Groups {
			types[strings.Join(group.Types, " ")] = name
			if !slices.Equal(group.Patterns, []string{"*"}) {
				t.Errorf("%s: the group %s leaves some out", u.Ecosystem, name)
			}
		}
		if len(types) != 2 || types["minor patch"] == "" || !strings.HasSuffix(types["major"], "-major") {
			t.Errorf("%s: patch and minor updates must be a group, and major ones another whose name ends in -major", u.Ecosystem)
		}
	}
	slices.Sort(listed)
	if want := folders(t); !slices.Equal(listed, want) {
		t.Errorf("Dependabot updates\n%s\nand the manifests are in\n%s", strings.Join(listed, "\n"), strings.Join(want, "\n"))
	}
}

// folders lists where manifests are, each with its ecosystem.
func folders(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", ".terraform", ".rates", "bin", "reports", "canaries", "testdata"}, entry.Name()) {
			return fs.SkipDir
		}
		for ecosystem, manifest := range manifests {
			if !entry.IsDir() && manifest.MatchString(name) {
				dir := "/" + strings.TrimPrefix(path.Dir(name), ".")
				if ecosystem == "github-actions" {
					dir = "/"
				}
				found[ecosystem+" "+dir] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

// Every path of CODEOWNERS exists, each line has an owner, and the first covers
// everything.
func TestCodeowners(t *testing.T) {
	var lines []string
	for line := range strings.Lines(read(t, root+"/.github/CODEOWNERS")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		words := strings.Fields(line)
		if i == 0 && words[0] != "*" || len(words) < 2 {
			t.Errorf("%q: the first line must own everything, and each line needs an owner", line)
		}
		if _, err := os.Stat(filepath.Join(root, words[0])); err != nil && words[0] != "*" {
			t.Errorf("%q: %v", line, err)
		}
		for _, owner := range words[1:] {
			if !regexp.MustCompile(`^@[\w-]+/[\w-]+$`).MatchString(owner) {
				t.Errorf("%q: %s is not a team", line, owner)
			}
		}
	}
	for _, folder := range []string{"/.ci/", "/.github/", "/Dockerfile", "/deploy/", "/security/", "/terraform/"} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, folder+" ") }) {
			t.Errorf("%s decides what is deployed and has no owner of its own", folder)
		}
	}
}

// A template must be one that GitHub shows: it needs a name, a description and a
// field that is filled in.
func TestIssueTemplates(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		var template struct {
			Name, Description string
			Body              []struct {
				Type, ID   string
				Attributes struct{ Label, Value string }
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &template); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if filepath.Base(file) == "config.yml" {
			continue
		}
		fields := 0
		for i, field := range template.Body {
			switch field.Type {
			case "markdown":
				if field.Attributes.Value == "" {
					t.Errorf("%s: text %d is empty", file, i)
				}
			case "textarea", "input":
				fields++
				if field.ID == "" || field.Attributes.Label == "" {
					t.Errorf("%s: field %d has no id or no label", file, i)
				}
			default:
				t.Errorf("%s: field %d is of the unknown type %q", file, i, field.Type)
			}
		}
		if template.Name == "" || template.Description == "" || fields == 0 {
			t.Errorf("%s: has no name, no description or no field", file)
		}
	}
}
