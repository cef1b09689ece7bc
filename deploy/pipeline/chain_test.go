package pipeline

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// cachesStayInTests: what a change puts into a cache must not reach what is built,
// signed or deployed.
func cachesStayInTests(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			for _, s := range w.Jobs[name].Steps {
				cached := strings.HasPrefix(s.Uses, "actions/cache") || strings.HasPrefix(s.Uses, "actions/setup-go@") && s.With["cache"] != "false"
				if cached && required[w.file] == "" {
					broken = append(broken, fmt.Sprintf("%s: %s restores a cache", w.file, name))
				}
				if strings.HasPrefix(s.Uses, "actions/cache/save@") && !strings.Contains(s.If, "github.event_name == 'push'") {
					broken = append(broken, fmt.Sprintf("%s: %s saves a cache for main out of a change", w.file, name))
				}
			}
		}
	}
	return broken
}

func toolsHaveTheirVersion(all []workflow) (broken []string) {
	host, err := os.ReadFile(root + "/security/tools/terraform/host.txt")
	if err != nil {
		return []string{err.Error()}
	}
	mod, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		return []string{err.Error()}
	}
	words := strings.Fields(string(host))
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			for _, s := range w.Jobs[name].Steps {
				switch {
				case strings.HasPrefix(s.Uses, "hashicorp/setup-terraform@"):
					if s.With["terraform_version"] != words[len(words)-1] || s.With["terraform_wrapper"] != "false" {
						broken = append(broken, fmt.Sprintf("%s: %s has another Terraform than host.txt, or its wrapper, which hides exit codes", w.file, name))
					}
				case strings.HasPrefix(s.Uses, "actions/setup-go@"):
					// go.mod names the first release, and the tools need a later one.
					if s.With["go-version"] != language[1]+".x" || s.With["check-latest"] != "true" {
						broken = append(broken, fmt.Sprintf("%s: %s has another Go than the newest %s", w.file, name, language[1]))
					}
				}
			}
		}
	}
	return broken
}

// digests matches a command that takes the digest of an image, or prints it.
var digests = regexp.MustCompile(`^deploy/image/image\.sh (examine|sign|verify) (rates|rates-smoke)(?: "\$(\w+)")?$`)

// onlyTheExaminedIsDeployed follows each digest from the command that deploys it to
// the one that built it.
func onlyTheExaminedIsDeployed(all []workflow) (broken []string) {
	counted := map[string]int{}
	must := func(w workflow, name, variable, expression, want string) {
		if _, run := w.origin(name, expression); run != want {
			broken = append(broken, fmt.Sprintf("%s: %s has %s from %q, not from %q", w.file, name, variable, run, want))
		}
	}
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			j := w.Jobs[name]
			for _, s := range j.Steps {
				if m := digests.FindStringSubmatch(s.Run); m != nil {
					counted[m[1]]++
					switch m[1] {
					case "examine":
						must(w, name, m[3], j.value(s, m[3]), "deploy/image/image.sh build")
					case "sign":
						must(w, name, m[3], j.value(s, m[3]), fmt.Sprintf(`deploy/image/image.sh examine %s "$%s"`, m[2], m[3]))
					}
				} else if strings.Contains(s.Run, "image.sh") && s.Run != "deploy/image/image.sh build" {
					broken = append(broken, fmt.Sprintf("%s: %s runs %q, which no rule knows", w.file, name, s.Run))
				}
				m := applies.FindStringSubmatch(s.Run)
				if m == nil || m[1] == "back" {
					continue
				}
				counted[m[1]]++
				must(w, name, "RATES", j.value(s, "RATES"), "deploy/image/image.sh verify rates")
				must(w, name, "SMOKE", j.value(s, "SMOKE"), "deploy/image/image.sh verify rates-smoke")
				if m[1] == "apply" {
					must(w, name, "APPROVED", j.value(s, "APPROVED"), "deploy/azure/azure.sh plan "+m[2])
				}
				if len(w.On) != 1 || w.On["workflow_dispatch"].Inputs != nil || strings.Contains(j.If, "always()") || strings.Contains(j.If, "failure()") {
					broken = append(broken, fmt.Sprintf("%s: %s deploys without being asked to, or after a failure", w.file, name))
				}
				if m[2] == "prod" && !w.after(name, "dev") {
					broken = append(broken, fmt.Sprintf("%s: %s does not wait for dev", w.file, name))
				}
			}
		}
	}
	for command, want := range map[string]int{"examine": 2, "sign": 2, "verify": 2, "plan": 2, "apply": 2} {
		if counted[command] != want {
			broken = append(broken, fmt.Sprintf("there are %d steps to %s, not %d", counted[command], command, want))
		}
	}
	return broken
}

// whatFailsGoesBack: after a failure, dev returns to what ran before.
func whatFailsGoesBack(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			steps := w.Jobs[name].Steps
			applied := slices.IndexFunc(steps, func(s step) bool { return s.Run == "deploy/azure/azure.sh apply dev" })
			if applied < 0 {
				continue
			}
			back := slices.IndexFunc(steps, func(s step) bool {
				return s.Run == "deploy/azure/azure.sh back dev" && strings.HasPrefix(s.If, "failure() && ") &&
					s.Env["BEFORE"] == "${{ steps."+steps[applied].ID+".outputs.before }}"
			})
			smoke := slices.IndexFunc(steps, func(s step) bool { return s.Run == `make bdd BASE_URL="$URL"` })
			zap := slices.IndexFunc(steps, func(s step) bool { return s.Run == `make zap ARGS="--allow-target=$HOST"` })
			if smoke < applied || zap < applied || back < smoke || back < zap {
				broken = append(broken, fmt.Sprintf("%s: %s does not check the service, or does not go back when a check fails", w.file, name))
			}
		}
	}
	return broken
}

// plansStayInTheRun: a plan holds the state in clear, and everybody who reads the
// repository may fetch artifacts.
func plansStayInTheRun(all []workflow) (broken []string) {
	for _, w := range all {
		for _, name := range sortedKeys(w.Jobs) {
			for _, s := range w.Jobs[name].Steps {
				if strings.HasPrefix(s.Uses, "actions/upload-artifact@") && w.Jobs[name].Environment != "" {
					broken = append(broken, fmt.Sprintf("%s: %s uploads files from where plans are", w.file, name))
				}
			}
		}
	}
	return broken
}

const ours = "github.event.pull_request.head.repo.full_name == github.repository"

// strangersGetNoIdentity: a change from a fork must not reach an environment.
func strangersGetNoIdentity(all []workflow) (broken []string) {
	for _, w := range all {
		if _, ok := w.On["pull_request"]; !ok {
			continue
		}
		for _, name := range sortedKeys(w.Jobs) {
			guarded := slices.ContainsFunc(sortedKeys(w.Jobs), func(other string) bool {
				return strings.Contains(w.Jobs[other].If, ours) && (other == name || w.after(name, other))
			})
			if w.Jobs[name].Environment != "" && (!guarded || strings.Contains(w.Jobs[name].If, "always()")) {
				broken = append(broken, fmt.Sprintf("%s: %s enters an environment for a change from a fork", w.file, name))
			}
		}
	}
	return broken
}
