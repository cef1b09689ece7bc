package script

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
)

const (
	fetching = `\b(?:curl|wget|aria2c|lwp-request|(?:https?|xh)\s+(?:-\S+\s+)*(?:GET\s+)?\S|gh\s+(?:api|release\s+download))\b`
	prefix   = `(?:(?:sudo|doas|env|exec|command|nohup|time|nice|timeout|busybox|xargs|then|do|else|if|\(|\{|!)\s*(?:(?:-\S+|\w+=\S*|[0-9]+[smh]?)\s+)*)*`
	runner   = `(?:/[\w./-]*/)?(?:(?:ba|da|k|z|a|fi|c|tc)?sh|python[0-9.]*|perl|ruby|node(?:js)?|php|deno|bun|lua|pwsh|powershell|osascript)\b`
)

var (
	// Not what a pattern such as '^curl' matches.
	fetches = regexp.MustCompile(`(?:^|[^\^])` + fetching)
	runs    = regexp.MustCompile(`^\s*` + prefix + `(?:` + runner + `|(?:source|\.|eval)\s)`)
	// As in bash <(curl …), sh -s < <(curl …), bash <<< "$(curl …)".
	runsInput = regexp.MustCompile(`(?:` + runner + `|\bsource\b|(?:^|[\s;&])\.)\s[^|]*?(?:<\(|<<<\s*["']?(?:\$\(|` + "`" + `))[^)]*?` + fetching)
	// As in bash -c "$(curl …)", eval "$(curl …)", eval `curl …`.
	runsText = regexp.MustCompile(`(?:` + runner + `\s+(?:-\S+\s+)*-\w*[cer]\w*|\beval)\s+["']?(?:\$\(|` + "`" + `)[^)]*?` + fetching)
	// As in python3 -c "exec(urlopen(…).read())".
	runsPython = regexp.MustCompile(`\b(?:exec|eval)\s*\(.*(?:urlopen|requests\.get|urllib|httpx|URI\.open|Net::HTTP|fetch\()`)
	powershell = regexp.MustCompile(`(?i)(?:\b(?:iwr|irm|curl|wget|Invoke-WebRequest|Invoke-RestMethod)\b|DownloadString).*\|\s*(?:iex|Invoke-Expression)\b|` +
		`(?i)\b(?:iex|Invoke-Expression)\b.*(?:\b(?:iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b|DownloadString)`)
	verifies = regexp.MustCompile(`\b(?:(?:sha(?:1|224|256|384|512)?|b2|md5)sum|shasum|gpgv?|cosign|minisign|signify|slsa-verifier|Get-FileHash|openssl\s+dgst|gh\s+attestation)\b`)
	assigned = regexp.MustCompile(`^\s*(?:(?:export|local|readonly|declare|typeset)\s+(?:-\w+\s+)*)?(\w+)=(.*)$`)
	saves    = regexp.MustCompile(`(?:\s-\w*[oO]\s*|--output(?:-document)?[= ]\s*|>\s*)["']?([^\s"'|;&>]+)`)
	address  = regexp.MustCompile(`https?://[^\s"']+`)
)

func (r *reader) remote(pipeline string, stages []string) {
	fetch := slices.IndexFunc(stages, fetches.MatchString)
	piped := fetch >= 0 && slices.ContainsFunc(stages[fetch+1:], func(s string) bool { return runs.MatchString(s + " ") })
	switch {
	case piped, runsInput.MatchString(pipeline), runsText.MatchString(pipeline), runsPython.MatchString(pipeline), powershell.MatchString(pipeline):
		r.fetchedAndRun()
	case r.runsFetched(pipeline, stages):
		r.fetchedAndRun()
	}
	if fetch >= 0 {
		r.keeps(pipeline)
	}
}

func (r *reader) fetchedAndRun() {
	r.add(Remote, finding.High, "A script is fetched and run unseen; whoever controls the address controls this job.",
		"Pin what is fetched: an action by commit, a package by checksum, a file by sha256sum --check.")
}

// keeps notes where a pipeline puts what it fetches.
func (r *reader) keeps(pipeline string) {
	if m := assigned.FindStringSubmatch(pipeline); m != nil {
		r.fetched = append(r.fetched, m[1])
		return
	}
	for _, m := range saves.FindAllStringSubmatch(pipeline, -1) {
		if !strings.HasPrefix(m[1], "http") && !strings.HasPrefix(m[1], "/dev/") && m[1] != "-" {
			r.saved = append(r.saved, path.Base(m[1]))
		}
	}
	for _, url := range address.FindAllString(pipeline, -1) {
		if base := path.Base(url); strings.Contains(pipeline, "wget") || regexp.MustCompile(`\s-\w*O\b|--remote-name`).MatchString(pipeline) {
			r.saved = append(r.saved, base)
		}
	}
}

// runsFetched reports whether a pipeline runs what was fetched before, and nothing in
// the script verifies.
func (r *reader) runsFetched(pipeline string, stages []string) bool {
	for _, name := range r.fetched {
		if refers(pipeline, name) && slices.ContainsFunc(stages, func(s string) bool { return runs.MatchString(s + " ") }) {
			return true
		}
	}
	if r.verified {
		return false
	}
	for _, stage := range stages {
		words := strings.Fields(stage)
		for i, word := range words {
			word = strings.Trim(word, `"'(){}`)
			if !slices.Contains(r.saved, path.Base(word)) {
				continue
			}
			before := strings.Join(words[:i], " ") + " "
			if runs.MatchString(before) || i == 0 && strings.Contains(word, "/") || strings.HasPrefix(before, "chmod ") && strings.Contains(before, "x") {
				return true
			}
		}
	}
	return false
}
