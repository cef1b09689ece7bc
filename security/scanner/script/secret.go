package script

import (
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
)

var (
	// secretExpression matches a secret in an expression of a workflow.
	secretExpression = regexp.MustCompile(`\$\{\{[^}]*(?:\bsecrets\b|\bgithub\.token\b)[^}]*\}\}`)
	// test matches an expression that says whether a secret is set.
	test = regexp.MustCompile(`\$\{\{[^}]*[!=]=[^}]*\}\}`)
	// inputExpression matches text that others choose, in an expression of a workflow.
	inputExpression = regexp.MustCompile(`\$\{\{[^}]*(?:\binputs\s*[.\[]|\bgithub\s*\.\s*(?:head_ref|ref_name|event\s*\.\s*\w+))[^}]*\}\}`)
	// harmless matches the parts of an event that are numbers, digests and the like.
	harmless = regexp.MustCompile(`\bgithub\.event\.(?:[\w.\[\]*]+\.)?(?:number|id|sha|node_id|full_name|login|draft|merged|state|created_at|updated_at|action|private|fork|conclusion|type)\s*(?:\}\}|[!=|&)])`)
	// named matches the name of a variable that has a secret.
	named = regexp.MustCompile(`(?i)(?:^|_)(?:passwords?|passwd|pwd|passphrase|secrets?|tokens?|pat|credentials?|api_?key|access_?key|private_?key|signing_?key|account_?key|sas|dsn|connection_?string|database_?url|pgpassword)$`)
	names = regexp.MustCompile(`\$(?:env:)?\{?([A-Za-z_]\w*)|%([A-Za-z_]\w*)%`)

	printer   = regexp.MustCompile(`^\s*` + prefix + `(?:echo|printf|print|cat|tee|logger|say|Write-(?:Host|Output|Error|Warning|Verbose)|base64|xxd|od|rev|tr)\b`)
	mangler   = regexp.MustCompile(`^\s*` + prefix + `(?:cat|tee|base64|base32|xxd|od|hexdump|rev|tr|sed|awk|cut|head|tail|fold|grep|sort|uniq|wc|nl|paste|gzip)\b`)
	dumper    = regexp.MustCompile(`^\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env|printenv|set|export\s+-p|export|declare\s+-\w*[px]\w*|compgen\s+-\w+|typeset\s+-\w*x\w*|(?:Get-ChildItem|gci|dir|ls)\s+env:)\s*(?:>.*)?$`)
	tracing   = regexp.MustCompile(`^\s*(?:set\s+-\w*x\w*|set\s+-o\s+xtrace|(?:ba|z|k|da)?sh\s+-\w*x\w*\s)`)
	elsewhere = regexp.MustCompile(`\b(?:print|pprint|console\.\w+|puts|warn|sys\.std(?:out|err)\.write|(?:fmt\.)?Print\w*|process\.stdout\.write|core\.(?:info|notice|warning|error|debug|setOutput|exportVariable|setFailed|summary\.\w+))\b`)
	readsEnv  = regexp.MustCompile(`(?:environ|getenv|process\.env|ENV|Getenv)\b`)
	masks     = regexp.MustCompile(`::add-mask::|>\s*/dev/null`)
)

// secretName reports whether a variable has a secret, by its name.
func secretName(name string) bool { return named.MatchString(name) }

// refers reports whether a text expands a variable.
func refers(text, variable string) bool {
	for _, m := range names.FindAllStringSubmatch(text, -1) {
		if m[1] == variable || m[2] == variable {
			return true
		}
	}
	return strings.Contains(text, "env."+variable+" }}") || strings.Contains(text, "env."+variable+"}}")
}

// HoldsSecret reports whether a value in a workflow is made of a secret.
func HoldsSecret(value string) bool { return (&reader{}).hasSecret(value) }

// HoldsInput reports whether a value in a workflow is made of what others choose.
func HoldsInput(value string) bool { return (&reader{}).hasInput(value) }

// hasSecret reports whether a text expands a secret.
func (r *reader) hasSecret(text string) bool {
	for _, m := range secretExpression.FindAllString(text, -1) {
		if !test.MatchString(m) {
			return true
		}
	}
	text = lengths.ReplaceAllString(text, "")
	if slices.ContainsFunc(r.secrets, func(name string) bool { return refers(text, name) }) {
		return true
	}
	for _, m := range names.FindAllStringSubmatch(text, -1) {
		if secretName(m[1] + m[2]) {
			return true
		}
	}
	return false
}

// lengths matches expansions that do not show the value.
var lengths = regexp.MustCompile(`\$\{#\w+\}|\$\{\w+:?\+[^}]*\}`)

// prints finds secrets that a pipeline prints, or writes to a file. What is piped
// into another program is not printed.
func (r *reader) prints(pipeline string, stages []string, body string) {
	if masks.MatchString(pipeline) {
		return
	}
	for i, stage := range stages {
		shows := r.hasSecret(stage) || body != "" && i == len(stages)-1 && r.hasSecret(body)
		rest := stages[i+1:]
		if printer.MatchString(stage) && shows && !slices.ContainsFunc(rest, func(s string) bool { return !mangler.MatchString(s) }) {
			r.secretPrinted()
		}
		if dumper.MatchString(stage) && len(r.secrets) > 0 && !slices.ContainsFunc(rest, func(s string) bool { return !mangler.MatchString(s) }) {
			r.secretPrinted()
		}
		if strings.HasPrefix(strings.TrimSpace(stage), "printenv ") && slices.ContainsFunc(r.secrets, func(name string) bool { return slices.Contains(strings.Fields(stage), name) }) {
			r.secretPrinted()
		}
	}
	if tracing.MatchString(pipeline+" ") && len(r.secrets) > 0 {
		r.secretPrinted()
	}
	r.printsElsewhere(pipeline)
}

// printsElsewhere finds secrets that a line of another language prints.
func (r *reader) printsElsewhere(text string) {
	if !elsewhere.MatchString(text) {
		return
	}
	fromEnv := readsEnv.MatchString(text) && slices.ContainsFunc(r.secrets, func(name string) bool { return strings.Contains(text, name) })
	if fromEnv || secretExpression.MatchString(text) {
		r.secretPrinted()
	}
}

func (r *reader) secretPrinted() {
	r.add(Printed, finding.High, "A secret is printed, or written to a file or an output.",
		"Hand it to the program that needs it, by its environment or standard input. A log is masked only where the text is the same.")
}

// assigns notes which variables get a secret, or text that others choose.
func (r *reader) assigns(pipeline string) {
	m := assigned.FindStringSubmatch(pipeline)
	if m == nil {
		return
	}
	if r.hasSecret(m[2]) && !strings.Contains(m[2], "$(") {
		r.secrets = append(r.secrets, m[1])
	}
	if r.hasInput(m[2]) {
		r.inputs = append(r.inputs, m[1])
	}
}

var (
	jobFile  = regexp.MustCompile(`\bGITHUB_(ENV|PATH|OUTPUT|STATE)\b`)
	commands = regexp.MustCompile(`::(set-env|add-path|set-output)\b`)
	asks     = regexp.MustCompile(`\$\(\s*(?:gh\s+(?:pr|issue|api|run|release)\b|git\s+(?:log|show|branch|diff)\b|jq\b[^)]*GITHUB_EVENT_PATH)`)
)

// hasInput reports whether a text expands what others choose.
func (r *reader) hasInput(text string) bool {
	for _, m := range inputExpression.FindAllString(text, -1) {
		if !harmless.MatchString(m) && !test.MatchString(m) {
			return true
		}
	}
	return asks.MatchString(text) || slices.ContainsFunc(r.inputs, func(name string) bool { return refers(text, name) })
}

// sets finds settings of the job, for the steps that follow, that are made of input.
func (r *reader) sets(text string) {
	target := jobFile.FindStringSubmatch(text)
	if target == nil && r.group != "" {
		target = jobFile.FindStringSubmatch(r.group)
	}
	if target == nil {
		target = commands.FindStringSubmatch(text)
	}
	if target == nil || !r.hasInput(text) {
		return
	}
	severity := finding.High
	if target[1] == "OUTPUT" || target[1] == "STATE" || target[1] == "set-output" {
		severity = finding.Medium
	}
	r.add(Environment, severity, "Text that others choose becomes a setting of the steps that follow; a line break in it sets more.",
		"Compare it with what is expected first, or hand it to the step that needs it, by env.")
}
