package actionlint

import "testing"

func TestRunnersOfPullRequests(t *testing.T) {
	const job = "\njobs:\n  a:\n    runs-on: "
	for text, want := range map[string]string{
		"on: pull_request" + job + "self-hosted":                                                                 "self-hosted-in-pull-request:4",
		"on: pull_request_target" + job + "[self-hosted, linux]":                                                 "self-hosted-in-pull-request:4",
		"on: [push, pull_request]" + job + "[ubuntu-24.04, gpu]":                                                 "self-hosted-in-pull-request:4",
		"on: pull_request" + job + "{group: ours}":                                                               "self-hosted-in-pull-request:4",
		"on: pull_request" + job + "{labels: self-hosted}":                                                       "self-hosted-in-pull-request:4",
		"on: pull_request" + job + "self-hosted\n    environment: dev":                                           "self-hosted-in-pull-request:4",
		"on: pull_request" + job + "${{ vars.RUNNER }}":                                                          "self-hosted-in-pull-request:4",
		"on: pull_request" + job + "${{ vars.RUNNER }}\n    environment: dev":                                    "",
		"on: pull_request" + job + "ubuntu-24.04":                                                                "",
		"on: pull_request" + job + "ubuntu-24.04-arm":                                                            "",
		"on: push" + job + "self-hosted":                                                                         "",
		"on: pull_request" + job + "${{ matrix.os }}":                                                            "self-hosted-in-pull-request:4",
		"on: pull_request" + job + "${{ matrix.os }}\n    strategy: {matrix: {os: [macos-15, windows-2025]}}":    "",
		"on: pull_request" + job + "${{ matrix.os }}\n    strategy: {matrix: {os: [ubuntu-24.04, self-hosted]}}": "self-hosted-in-pull-request:4",
	} {
		if got, err := rulesIn(t, text); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// Variables of the workflow, the job and the step reach its script.
func TestVariablesOfScripts(t *testing.T) {
	for text, want := range map[string]string{
		"env: {T: \"${{ secrets.T }}\"}\njobs:\n  a:\n    steps:\n      - run: echo $T":                                             "secret-printed:5",
		"jobs:\n  a:\n    env: {T: \"${{ secrets.T }}\"}\n    steps:\n      - run: echo $T":                                         "secret-printed:5",
		"jobs:\n  a:\n    steps:\n      - run: echo $T\n        env: {T: \"${{ secrets.T }}\"}":                                     "secret-printed:4",
		"jobs:\n  a:\n    steps:\n      - run: ./a\n        env: {T: \"${{ secrets.T }}\"}\n      - run: echo $T":                   "",
		"jobs:\n  a:\n    outputs: {t: \"${{ secrets.T }}\"}":                                                                       "secret-printed:3",
		"jobs:\n  a:\n    steps:\n      - env: {T: \"${{ toJson( secrets ) }}\"}":                                                   "secret-printed:4",
		"jobs:\n  a:\n    steps:\n      - with:\n          script: |\n            a()\n            console.log('${{ secrets.T }}')": "secret-printed:7",
		"runs:\n  steps:\n    - run: echo $T >> $GITHUB_PATH\n      env: {T: \"${{ inputs.path }}\"}":                               "environment-from-input:3",
	} {
		if got, err := rulesIn(t, text); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}
