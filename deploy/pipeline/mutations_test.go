package pipeline

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func violations(t *testing.T, texts map[string]string) []string {
	t.Helper()
	all, err := parse(texts)
	if err != nil {
		t.Fatal(err)
	}
	var broken []string
	for _, check := range checks {
		broken = append(broken, check(all)...)
	}
	return broken
}

func TestWorkflowsKeepTheRules(t *testing.T) {
	for _, line := range violations(t, readWorkflows(t)) {
		t.Error(line)
	}
}

// Each rule notices the mistake that it is for.
func TestRulesNotice(t *testing.T) {
	for _, mutation := range []struct {
		name, file, old, new, want string
	}{
		{"a path filter on a required workflow", "ci.yml", "  pull_request:\n", "  pull_request:\n    paths: [service/**]\n", "does not run on every pull_request"},
		{"a filter of another kind", "ci.yml", "  pull_request:\n", "  pull_request:\n    types: [opened]\n", "does not run on every pull_request"},
		{"no run for the merge queue", "security.yml", "  merge_group:\n", "", "does not run on every merge_group"},
		{"a job that the verdict forgets", "ci.yml", "needs: [test, lint, ", "needs: [test, ", "does not need lint"},
		{"a verdict that is skipped", "security.yml", "    if: always()\n    needs: [gates", "    needs: [gates", "does not always run"},
		{"a verdict under another name", "ci.yml", "name: CI verdict", "name: Verdict", `is not "CI verdict"`},
		{"permissions for all jobs", "ci.yml", "permissions: {}", "permissions:\n  contents: read", "permissions at the top"},
		{"a job with the default token", "ci.yml", "    permissions:\n      contents: read\n", "", "names no permissions"},
		{"an identity without an environment", "ci.yml", "      contents: read\n", "      contents: read\n      id-token: write\n", "may get an identity"},
		{"a plan outside its environment", "deploy.yml", "    environment: dev-plan\n", "    environment: dev\n", `in the environment "dev"`},
		{"a deployment without an environment", "deploy.yml", "    environment: prod\n", "", "may get an identity"},
		{"a deployment that is cancelled", "deploy.yml", "group: deploy-dev\n      cancel-in-progress: false", "group: deploy-dev\n      cancel-in-progress: true", "may be cancelled"},
		{"two deployments at once", "deploy.yml", "group: deploy-prod\n", "group: deploy-${{ github.run_id }}\n", "beside another deployment"},
		{"another version of an action in one place", "image.yml", "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5", "elsewhere"},
		{"a tag instead of a commit", "ci.yml", "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "checkout@v7", "is not pinned"},
		{"a local action", "ci.yml", "uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "uses: ./checkout", "are actions of other repositories"},
		{"rights for what strangers wrote", "plan.yml", "  pull_request:", "  pull_request_target:", "runs on pull_request_target"},
		{"a run after a run", "deploy.yml", "  workflow_dispatch:\n", "  workflow_run:\n    workflows: [Image]\n", "runs on workflow_run"},
		{"a digest that a person types", "deploy.yml", "  workflow_dispatch:\n", "  workflow_dispatch:\n    inputs:\n      digest:\n        type: string\n", "takes inputs"},
		{"a secret", "ci.yml", "        run: make lint\n", "        run: make lint\n        env:\n          TOKEN: ${{ secrets.TOKEN }}\n", "reads a secret"},
		{"a job without an end", "ci.yml", "    timeout-minutes: 40\n", "", "has no timeout"},
		{"a moving runner", "ci.yml", "runs-on: ubuntu-24.04", "runs-on: ubuntu-latest", "runs on ubuntu-latest"},
		{"the runner of Azure for code that has no need of it", "ci.yml", "runs-on: ubuntu-24.04", "runs-on: ${{ vars.RUNNER_AZURE || 'ubuntu-24.04' }}", "runs on ${{"},
		{"a token in the checkout", "image.yml", "persist-credentials: false", "persist-credentials: true", "leaves the token"},
		{"a make target that is gone", "ci.yml", "run: make lint", "run: make tidy-up", `"make tidy-up" is no make target`},
		{"a script that is gone", "ci.yml", "run: .ci/try-run", "run: .ci/try-walk", `".ci/try-walk" is no make target`},
		{"a script in the workflow", "ci.yml", "run: make lint", "run: echo done", `"echo done" is no make target`},
		{"an expression in a script", "deploy.yml", `run: make bdd BASE_URL="$URL"`, "run: make bdd BASE_URL=${{ steps.apply.outputs.url }}", "has an expression"},
		{"a step of CI that is gone", "ci.yml", "run: make test-bench", "run: make bench", `"make test-bench" of .ci/run`},
		{"the self-test left out", "security.yml", "run: make security-selftest", "run: make security", `"make security-selftest" of .ci/run`},
		{"a cache where images are made", "image.yml", "          cache: false\n", "", "restores a cache"},
		{"a cache saved by a change", "security.yml", "if: github.event_name == 'push' && ", "if: ", "saves a cache"},
		{"another Terraform", "drift.yml", "terraform_version: 1.11.4", "terraform_version: 1.12.0", "another Terraform"},
		{"a wrapper around the exit code", "drift.yml", "terraform_wrapper: false", "terraform_wrapper: true", "another Terraform"},
		{"the first Go of a series", "ci.yml", "go-version: 1.26.x", "go-version: 1.26.0", "another Go"},
		{"a signer that also waits for the build, which is no mistake", "image.yml", "    needs: [examine]\n", "    needs: [build, examine]\n", ""},
		{"what was built is signed, examined or not", "image.yml", "      RATES: ${{ needs.examine.outputs.rates }}", "      RATES: ${{ needs.build.outputs.rates }}", "sign has RATES"},
		{"a signer that does not wait", "image.yml", "    needs: [examine]\n", "    needs: [build]\n", "sign has RATES"},
		{"another image is examined than was built", "image.yml", "      RATES: ${{ needs.build.outputs.rates }}", "      RATES: ${{ vars.DIGEST }}", "examine has RATES"},
		{"a deployment of what nobody verified", "deploy.yml", "      RATES: ${{ needs.verify.outputs.rates }}", "      RATES: ${{ vars.DIGEST }}", "has RATES"},
		{"an approval of another plan", "deploy.yml", "APPROVED: ${{ needs.prod-plan.outputs.approved }}", "APPROVED: ${{ needs.dev-plan.outputs.approved }}", "has APPROVED"},
		{"prod before dev", "deploy.yml", "needs: [verify, dev]", "needs: [verify]", "does not wait for dev"},
		{"a deployment after a failure", "deploy.yml", "    needs: [verify, dev-plan]\n", "    if: always()\n    needs: [verify, dev-plan]\n", "after a failure"},
		{"a deployment by a push", "deploy.yml", "  workflow_dispatch:\n", "  workflow_dispatch:\n  push:\n", "without being asked"},
		{"a way back that is never taken", "deploy.yml", "        if: failure() && steps.apply.outputs.before != ''\n        run: deploy/azure/azure.sh back dev", "        if: cancelled()\n        run: deploy/azure/azure.sh back dev", "does not go back"},
		{"no smoke features", "deploy.yml", `run: make bdd BASE_URL="$URL"`, "run: make build", "does not check the service"},
		{"no ZAP", "deploy.yml", `run: make zap ARGS="--allow-target=$HOST"`, "run: make build", "does not check the service"},
		{"a plan as an artifact", "drift.yml", "      - name: Compare\n", "      - name: Keep\n        uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1\n      - name: Compare\n", "uploads files"},
		{"an identity for a fork", "plan.yml", ours + " && ", "", "for a change from a fork"},
	} {
		t.Run(mutation.name, func(t *testing.T) {
			texts := maps.Clone(readWorkflows(t))
			if !strings.Contains(texts[mutation.file], mutation.old) {
				t.Fatalf("%s has no %q any more", mutation.file, mutation.old)
			}
			texts[mutation.file] = strings.Replace(texts[mutation.file], mutation.old, mutation.new, 1)
			broken := violations(t, texts)
			noticed := slices.ContainsFunc(broken, func(line string) bool { return strings.Contains(line, mutation.want) })
			if mutation.want == "" && len(broken) > 0 || mutation.want != "" && !noticed {
				t.Errorf("violations are %q, want one with %q", broken, mutation.want)
			}
		})
	}
}
