package pipeline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// keys are the keys of Mergify's configuration that this project may use: of those
// that its documentation lists, without the ones that are announced to go. A [] stands
// for the elements of a list.
var keys = []string{
	"merge_protections", "merge_protections[].name", "merge_protections[].if", "merge_protections[].success_conditions", "merge_protections[].description",
	"merge_protections_settings", "merge_protections_settings.auto_merge_conditions", "merge_protections_settings.reporting_method",
	"queue_rules", "queue_rules[].name", "queue_rules[].queue_conditions", "queue_rules[].merge_conditions", "queue_rules[].merge_method",
	"queue_rules[].update_method", "queue_rules[].batch_size", "queue_rules[].batch_max_wait_time", "queue_rules[].checks_timeout",
	"queue_rules[].commit_message_format", "queue_rules[].branch_protection_injection_mode", "queue_rules[].merge_bot_account",
}

// unknownKeys returns the keys of a configuration that are not in keys.
func unknownKeys(at string, value any) (unknown []string) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			name := strings.TrimPrefix(at+"."+key, ".")
			if !slices.Contains(keys, name) {
				unknown = append(unknown, name)
				continue
			}
			unknown = append(unknown, unknownKeys(name, v[key])...)
		}
	case []any:
		for _, one := range v {
			unknown = append(unknown, unknownKeys(at+"[]", one)...)
		}
	}
	return unknown
}

// mergifyMistakes reads a configuration and returns what is wrong with it.
func mergifyMistakes(text string) []string {
	var anything any
	var file struct {
		Settings struct {
			Conditions []string `yaml:"auto_merge_conditions"`
		} `yaml:"merge_protections_settings"`
		Queues []struct {
			Merge  []string `yaml:"merge_conditions"`
			Method string   `yaml:"merge_method"`
		} `yaml:"queue_rules"`
	}
	for _, into := range []any{&anything, &file} {
		if err := yaml.Unmarshal([]byte(text), into); err != nil {
			return []string{err.Error()}
		}
	}
	var mistakes []string
	for _, key := range unknownKeys("", anything) {
		mistakes = append(mistakes, key+" is not a current key")
	}
	for _, queue := range file.Queues {
		for _, verdict := range required {
			if !slices.Contains(queue.Merge, "check-success = "+verdict) {
				mistakes = append(mistakes, "the queue merges without "+verdict)
			}
		}
		if queue.Method != "squash" {
			mistakes = append(mistakes, "the queue merges by "+queue.Method+", and the ruleset allows only squash")
		}
	}
	for _, c := range []struct {
		author, branch, file string
		merged               bool
	}{
		{"dependabot[bot]", "dependabot/go_modules/modules-0123abcd", "go.mod", true},
		{"dependabot[bot]", "dependabot/go_modules/bench/modules-0123abcd", "bench/go.sum", true},
		{"dependabot[bot]", "dependabot/pip/security/tools/zizmor/python-tools-0123abcd", "security/tools/zizmor/requirements.txt", true},
		{"dependabot[bot]", "dependabot/terraform/providers-0123abcd", "terraform/app/.terraform.lock.hcl", true},
		{"dependabot[bot]", "dependabot/go_modules/modules-major-0123abcd", "go.mod", false},
		{"dependabot[bot]", "dependabot/pip/python-tools-major-0123abcd", "security/tools/zizmor/requirements.txt", false},
		{"dependabot[bot]", "dependabot/github_actions/actions-0123abcd", ".github/workflows/ci.yml", false},
		{"dependabot[bot]", "dependabot/docker/images-0123abcd", "Dockerfile", false},
		{"dependabot[bot]", "dependabot/docker_compose/services-0123abcd", "docker-compose.yml", false},
		{"dependabot[bot]", "dependabot/go_modules/modules-0123abcd", ".github/workflows/ci.yml", false},
		{"dependabot[bot]", "dependabot/go_modules/modules-0123abcd", ".ci/run", false},
		{"dependabot[bot]", "dependabot/go_modules/modules-0123abcd", "deploy/smoke/smoke.Dockerfile", false},
		{"somebody", "dependabot/go_modules/modules-0123abcd", "go.mod", false},
	} {
		merged := len(file.Settings.Conditions) > 0
		for _, condition := range file.Settings.Conditions {
			merged = merged && holds(condition, c.author, c.branch, c.file)
		}
		if merged != c.merged {
			mistakes = append(mistakes, fmt.Sprintf("%s of %s in %s: merged by itself: %t", c.branch, c.author, c.file, merged))
		}
	}
	return mistakes
}

// holds evaluates the kinds of conditions that the configuration uses. Any other does
// not hold.
func holds(condition, author, branch, file string) bool {
	condition, negated := strings.CutPrefix(condition, "-")
	attribute, pattern, matches := strings.Cut(condition, " ~= ")
	switch {
	case condition == "draft":
		return negated
	case condition == "author = dependabot[bot]":
		return !negated && author == "dependabot[bot]"
	case matches && attribute == "head":
		return regexp.MustCompile(pattern).MatchString(branch) != negated
	case matches && attribute == "files":
		return regexp.MustCompile(pattern).MatchString(file) != negated
	default:
		return false
	}
}

func TestMergify(t *testing.T) {
	for _, mistake := range mergifyMistakes(read(t, root+"/.github/mergify.yml")) {
		t.Error(mistake)
	}
}

func TestMergifyMistakes(t *testing.T) {
	good := read(t, root+"/.github/mergify.yml")
	for _, c := range []struct{ old, new, want string }{
		{"queue_rules:\n  - name: default\n", "queue_rules:\n  - name: default\n    autoqueue: true\n", "queue_rules[].autoqueue is not a current key"},
		{"queue_conditions:", "conditions:", "queue_rules[].conditions is not a current key"},
		{"merge_protections_settings:\n", "merge_protections_settings:\n  auto_merge: true\n", "merge_protections_settings.auto_merge is not a current key"},
		{"    merge_conditions:\n      - check-success = CI verdict\n", "    merge_conditions:\n", "the queue merges without CI verdict"},
		{"merge_method: squash", "merge_method: rebase", "only squash"},
		{"    - author = dependabot[bot]\n", "    - author ~= .\n", "merged by itself: false"},
		{"(go_modules|pip|terraform)", "(go_modules|pip|terraform|docker)", ""},
		{"    - -files ~= ^(\\.github/|\\.ci/|deploy/|Dockerfile|docker-compose\\.yml)\n", "", ".github/workflows/ci.yml: merged by itself: true"},
		{"-[0-9a-f]+$", "", "modules-major-0123abcd of dependabot[bot] in go.mod: merged by itself: true"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("mergify.yml has no %q any more", c.old)
		}
		mistakes := mergifyMistakes(text)
		noticed := slices.ContainsFunc(mistakes, func(m string) bool { return strings.HasSuffix(m, c.want) })
		if noticed != (c.want != "") {
			t.Errorf("%q: mistakes are %q, want one with %q", c.new, mistakes, c.want)
		}
	}
}
