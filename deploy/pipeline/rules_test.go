package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The workflows whose verdict is required of every change.
var required = map[string]string{"ci.yml": "CI verdict", "security.yml": "Security verdict"}

// checks are the rules that no linter knows. Each returns a line for each place
// that breaks it.
var checks = []func(all []workflow) []string{
	requiredRunsAlways, verdictCountsEveryJob, permissionsAreNamed, tokensAreForAzureOrSigning,
	deploymentsAreNotCancelled, actionsArePinnedOnce, eventsAreHarmless, jobsAreBounded,
	stepsRunWhatIsInTheTree, everyStepOfCIRuns, cachesStayInTests, toolsHaveTheirVersion,
	onlyTheExaminedIsDeployed, whatFailsGoesBack, plansStayInTheRun, strangersGetNoIdentity,
}

func requiredRunsAlways(all []workflow) (broken []string) {
	seen := 0
	for _, w := range all {
		if required[w.file] == "" {
			continue
		}
		seen++
		for _, name := range []string{"pull_request", "merge_group", "push"} {
			e, ok := w.On[name]
			if !ok || len(e.Filters) > 0 || name != "push" && len(e.Branches) > 0 {
				broken = append(broken, fmt.Sprintf("%s: does not run on every %s, so its required check would wait for ever", w.file, name))
			}
		}
	}
	if seen != len(required) {
		broken = append(broken, "a required workflow is missing")
	}
	return broken
}

func verdictCountsEveryJob(all []workflow) (broken []string) {
	for _, w := range all {
		title, ok := required[w.file]
		if !ok {
			continue
		}
		verdict := w.Jobs["verdict"]
		counts := slices.ContainsFunc(verdict.Steps, func(s step) bool {
			return s.Run == ".ci/verdict" && s.If == "" && s.Env["NEEDS"] == "${{ toJSON(needs) }}"
		})
		if verdict.Name != title || verdict.If != "always()" || !counts {
			broken = append(broken, fmt.Sprintf("%s: the job verdict is not %q, or does not always run .ci/verdict on all needs", w.file, title))
		}
		for _, name := range sortedKeys(w.Jobs) {
			if name != "verdict" && !slices.Contains(verdict.Needs, name) && !w.after(name, "verdict") {
				broken = append(broken, fmt.Sprintf("%s: the verdict does not need %s, so it may fail unnoticed", w.file, name))
			}
		}
	}
	return broken
}

func permissionsAreNamed(all []workflow) (broken []string) {
	for _, w := range all {
		if w.Permissions == nil || len(w.Permissions) > 0 {
			broken = append(broken, w.file+": has permissions at the top other than {}")
		}
		for _, name := range sortedKeys(w.Jobs) {
			if w.Jobs[name].Permissions == nil {
				broken = append(broken, fmt.Sprintf("%s: %s names no permissions", w.file, name))
			}
		}
	}
	return broken
}

func tokensAreForAzureOrSigning(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			j := w.Jobs[name]
			signs := slices.ContainsFunc(j.Steps, func(s step) bool {
				return strings.HasPrefix(s.Run, "deploy/image/image.sh sign ") || strings.HasPrefix(s.Uses, "ossf/scorecard-action@")
			})
			if j.Permissions["id-token"] == "write" && j.Environment == "" && !signs {
				broken = append(broken, fmt.Sprintf("%s: %s may get an identity, but has no environment and signs nothing", w.file, name))
			}
		}
	}
	return broken
}

// applies matches the command that changes an environment.
var applies = regexp.MustCompile(`^deploy/azure/azure\.sh (apply|plan|back) (\w+)$`)

func deploymentsAreNotCancelled(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			j := w.Jobs[name]
			for _, s := range j.Steps {
				m := applies.FindStringSubmatch(s.Run)
				if m == nil {
					continue
				}
				if w.Concurrency.Cancel == "true" || j.Concurrency != (concurrency{"deploy-" + m[2], "false"}) {
					broken = append(broken, fmt.Sprintf("%s: %s may be cancelled, or run beside another deployment to %s", w.file, name, m[2]))
				}
				if want := map[string]string{"plan": m[2] + "-plan"}[m[1]]; j.Environment != want && (want != "" || j.Environment != m[2]) {
					broken = append(broken, fmt.Sprintf("%s: %s changes %s in the environment %q", w.file, name, m[2], j.Environment))
				}
			}
		}
	}
	return broken
}

var pinned = regexp.MustCompile(`(?m)^ *(?:- )?uses: ([\w.-]+/[\w.-]+)(?:/[\w./-]+)?@(\S+)(?: +# (v\d+\.\d+\.\d+))?$`)

func actionsArePinnedOnce(all []workflow) (broken []string) {
	versions := map[string]string{}
	for _, w := range all {
		found := pinned.FindAllStringSubmatch(w.text, -1)
		if want := strings.Count(w.text, "uses:"); len(found) != want {
			broken = append(broken, fmt.Sprintf("%s: %d of %d uses are actions of other repositories", w.file, len(found), want))
		}
		for _, m := range found {
			if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(m[2]) || m[3] == "" {
				broken = append(broken, fmt.Sprintf("%s: %s is not pinned to a commit with its version", w.file, m[1]))
			}
			pin := m[2] + " " + m[3]
			if other, ok := versions[m[1]]; ok && other != pin {
				broken = append(broken, fmt.Sprintf("%s: %s is %s here and %s elsewhere", w.file, m[1], pin, other))
			}
			versions[m[1]] = pin
		}
	}
	return broken
}

func eventsAreHarmless(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.On) {
			if slices.Contains([]string{"pull_request_target", "workflow_run", "issue_comment", "repository_dispatch"}, name) {
				broken = append(broken, fmt.Sprintf("%s: runs on %s, with rights for what strangers wrote", w.file, name))
			}
			if len(w.On[name].Inputs) > 0 {
				broken = append(broken, w.file+": takes inputs; what is deployed must come from git")
			}
		}
		if strings.Contains(w.text, "secrets.") {
			broken = append(broken, w.file+": reads a secret; there is none")
		}
	}
	return broken
}

func jobsAreBounded(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			j := w.Jobs[name]
			if j.Timeout == 0 || j.Name == "" || j.Uses != "" {
				broken = append(broken, fmt.Sprintf("%s: %s has no timeout or no name, or is defined elsewhere", w.file, name))
			}
			if j.RunsOn != "ubuntu-24.04" && (j.RunsOn != "${{ vars.RUNNER_AZURE || 'ubuntu-24.04' }}" || j.Environment == "") {
				broken = append(broken, fmt.Sprintf("%s: %s runs on %s", w.file, name, j.RunsOn))
			}
			if w.Concurrency.Group == "" && j.Concurrency.Group == "" {
				broken = append(broken, fmt.Sprintf("%s: %s has no concurrency", w.file, name))
			}
			for _, s := range j.Steps {
				if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != "false" {
					broken = append(broken, fmt.Sprintf("%s: %s leaves the token in the checkout", w.file, name))
				}
			}
		}
	}
	return broken
}

// Commands of the runner that need no script of ours.
var plain = regexp.MustCompile(`^(gh (workflow run|pr comment) .*|cat reports/\w+/report\.md >>"\$GITHUB_STEP_SUMMARY"|bin/rates version)$`)

func stepsRunWhatIsInTheTree(all []workflow) (broken []string) {
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		return []string{err.Error()}
	}
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			for _, s := range w.Jobs[name].Steps {
				for _, line := range s.commands() {
					words := strings.Fields(line)
					info, err := os.Stat(filepath.Join(root, words[0]))
					switch {
					case strings.Contains(line, "${{"):
						broken = append(broken, fmt.Sprintf("%s: %s: %q has an expression in its script", w.file, name, line))
					case words[0] == "make" && strings.Contains(string(makefile), "\n"+words[1]+":"):
					case err == nil && info.Mode().IsRegular() && info.Mode()&0o100 != 0:
					case !plain.MatchString(line):
						broken = append(broken, fmt.Sprintf("%s: %s: %q is no make target and no script of the repository", w.file, name, line))
					}
				}
			}
		}
	}
	return broken
}

func everyStepOfCIRuns(all []workflow) (broken []string) {
	var lines []string
	for _, w := range all {
		if required[w.file] == "" {
			continue
		}
		for _, name := range sortedKeys(w.Jobs) {
			for _, s := range w.Jobs[name].Steps {
				lines = append(lines, s.commands()...)
			}
		}
	}
	steps, err := stepsOfCI()
	if err != nil {
		return []string{err.Error()}
	}
	for _, s := range steps {
		if !slices.Contains(lines, s) {
			broken = append(broken, fmt.Sprintf("%q of .ci/run is in no required workflow", s))
		}
	}
	return broken
}

// stepsOfCI returns what .ci/run runs. The gates have jobs of their own, without
// what .ci/try-security adds for closed networks, and the rehearsal of Azure has a
// workflow that is not required.
func stepsOfCI() ([]string, error) {
	var steps []string
	for file, pattern := range map[string]string{".ci/run": `(?m)^run (.+)$`, ".ci/try-security": `(?m)^(make .+)$`} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, err
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			if m[1] != ".ci/try-security" && m[1] != ".ci/try-azure" {
				steps = append(steps, m[1])
			}
		}
	}
	if len(steps) < 10 {
		return nil, fmt.Errorf("found only %d steps in .ci/run", len(steps))
	}
	return steps, nil
}
